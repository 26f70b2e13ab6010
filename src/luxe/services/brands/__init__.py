"""Owns brands and their supply agreements."""
