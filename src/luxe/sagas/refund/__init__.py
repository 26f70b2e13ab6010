"""A part of what was paid goes back, and points in proportion."""
