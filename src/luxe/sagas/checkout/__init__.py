"""From a bag to a paid order: hold, authorise, place, capture, commit."""
