"""Rules of media, by kind of content. Pure: bytes in, bytes out."""
