"""Every query of identity, one file for each kind of row."""
