"""Owns orders, their life and the address book."""
