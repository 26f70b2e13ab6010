"""The rules of payments: how an intent and its parts live, and what two sets of books may differ in."""
