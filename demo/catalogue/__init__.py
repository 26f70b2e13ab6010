"""The written half of the demo house: text files by hand, assembled into ``house.json``."""
