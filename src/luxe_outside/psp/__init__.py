"""Meridian Pay, an invented payment service provider: intents, a hosted page, signed webhooks and faults."""
