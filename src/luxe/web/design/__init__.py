"""The look of the house: tokens, macros, layouts and catalogues, and the Jinja environment that renders them."""
