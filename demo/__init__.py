"""The demo house: its catalogue, pictures and 3D models, and what makes them."""
