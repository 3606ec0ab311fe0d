"""Hiring: one package per capability, each lower one unaware of those above it (the order is checked)."""
