"""Owns the bag and the wish list."""
