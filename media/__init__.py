"""Recordings of picture and sound: a product of its own, which knows nothing of hiring."""
