"""Owns accounts, passkeys, passwords, sessions, API keys and roles."""
