"""Saga, ledger and stock under seeded schedules: the real flows and the real engine, in a world made of memory and one seed."""
