"""Owns points: a double-entry ledger with holds and lots that expire."""
