"""Queries of payments, a module for each thing: intents, their movements, disputes, statements and cases."""
