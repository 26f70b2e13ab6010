"""Whole journeys through a house that was opened with `luxe up`."""
