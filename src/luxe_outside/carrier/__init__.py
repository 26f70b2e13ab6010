"""A carrier that does not exist: it books labels, scans parcels and tells of each scan by signed webhook."""
