"""Owns consents and the house's collected audit log."""
