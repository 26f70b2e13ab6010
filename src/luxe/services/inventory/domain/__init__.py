"""The rules of stock that need no database."""
