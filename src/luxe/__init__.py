"""LUXE: a members-only luxury commerce platform that a house runs itself."""
