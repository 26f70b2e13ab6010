"""Owns units of stock, holds and commitments."""
