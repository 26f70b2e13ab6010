"""The server-rendered surfaces: what members, operators and later advisors and brands see."""
