"""Every query of loyalty. Whoever moves a member's points first holds the lock on the member's balance row."""
