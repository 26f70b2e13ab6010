"""What must be true of a house at any time: architecture.md §6 as data, one module for each service that owns it."""
