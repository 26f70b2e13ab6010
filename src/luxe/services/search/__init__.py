"""Owns the index: queries, facets and suggestions."""
