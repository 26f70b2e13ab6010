"""Simulators of the parties outside the house: each a process of its own that knows nothing of `luxe`."""
