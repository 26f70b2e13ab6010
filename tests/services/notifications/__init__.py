"""The suite of notifications."""
