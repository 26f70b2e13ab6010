"""Floor 2: the services, one flat each, all with the same rooms."""
