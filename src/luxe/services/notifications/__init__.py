"""Owns e-mails to people and webhooks to machines: templates, queues, delivery logs."""
