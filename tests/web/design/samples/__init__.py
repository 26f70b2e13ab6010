"""Sample view models for every template: what the pages look like with a house, a member and her orders in them."""
