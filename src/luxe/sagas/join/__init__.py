"""From an approved application to a membership: the annual fee, captured once, and what it opens."""
