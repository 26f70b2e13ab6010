"""Pure rules of identity: what an address, a name, a password, a token and a device are, and how long a guesser waits."""
