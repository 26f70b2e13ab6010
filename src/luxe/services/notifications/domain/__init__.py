"""The rules of notifications that need no database."""
