"""Where media keeps things: rows in its schema, bytes in a folder."""
