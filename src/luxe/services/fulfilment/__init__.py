"""Owns delivery methods and their dates, duties and taxes, appointments and their capacity, shipments and their tracking."""
