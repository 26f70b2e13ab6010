"""Floor 1: shared machinery. It names no business noun."""
