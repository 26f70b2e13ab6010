"""Floor 3: flows that cross services."""
