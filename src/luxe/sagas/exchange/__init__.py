"""From a piece that is not wanted to another one in its place: held, inspected, settled to the cent, sent out."""
