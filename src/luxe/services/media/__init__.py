"""Owns pictures and 3D models: ingest, derive, serve."""
