"""From a piece that is not wanted to its price given back: requested, approved, inspected, refunded, restocked."""
