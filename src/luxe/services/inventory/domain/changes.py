"""Why stock changes, and what a location may be."""

from __future__ import annotations

import re

from luxe.services.inventory.contract import Location

MAIN = "main"
KINDS = ("warehouse", "boutique", "brand")
SIGNS = {"found": 1, "lost": -1, "damaged": -1, "not_coming": -1}
"""Cause of an adjustment → whether it adds units or takes them away."""
MAX_LEAD_DAYS = 3 * 365
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_COUNTRY = re.compile(r"[A-Z]{2}")


def fault(location: Location) -> str:
    """What is wrong with a location, in words; empty if nothing is."""
    if not _CODE.fullmatch(location.code):
        return "a code is 1 to 40 lower-case letters, digits and hyphens"
    if not 1 <= len(location.name.strip()) <= 80:
        return "a name has 1 to 80 characters"
    if location.kind not in KINDS:
        return f"a kind is one of {', '.join(KINDS)}"
    if location.country and not _COUNTRY.fullmatch(location.country):
        return "a country is its two capital letters, or empty"
    if location.code == MAIN and not location.active:
        return "the main location stays open"
    return ""
