"""Processes are killed while members buy; nothing acknowledged may be lost, doubled or left in between."""
