"""Greenroom: the application for asynchronous hiring."""

__version__ = "0.1.0"
