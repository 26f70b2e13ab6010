"""The house in a real browser, as its members and operators use it."""
