"""Products in and out of the house: the demo house, and Shopify's product CSV."""
