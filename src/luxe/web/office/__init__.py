"""Where the people who run the house work."""
