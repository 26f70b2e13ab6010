"""Owns payment intents, the PSP adapters, refunds and what the PSP tells us."""
