"""Rules of catalog: what a valid draft is, how it is kept, how it reads in one language."""
