"""Every query of inventory, one file for each part of a unit's life."""
