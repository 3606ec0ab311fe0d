"""Measurements with goals: `./dev bench NAME` runs one module of this folder."""
