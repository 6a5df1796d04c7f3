"""Vext Desktop: search your own documents by meaning, and see where the memory goes."""

__version__ = "0.1.0"
