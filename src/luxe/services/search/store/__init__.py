"""Where search keeps things: the index in a folder, what is still to be indexed in its schema."""
