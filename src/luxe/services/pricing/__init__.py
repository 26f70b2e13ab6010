"""Owns price lists, their history and quotes."""
