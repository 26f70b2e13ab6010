"""The rendered half of the demo house: parametric geometry, a studio, and the camera in it."""
