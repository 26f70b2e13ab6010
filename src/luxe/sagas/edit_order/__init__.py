"""Pieces are taken out of an order that has not left the house: repriced, refunded, restocked."""
