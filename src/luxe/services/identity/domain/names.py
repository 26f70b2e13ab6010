"""Names of people and labels of things: any script, no tricks."""

from __future__ import annotations

import unicodedata

from luxe.services.identity.domain import refusals

NAME_LENGTH = 120
LABEL_LENGTH = 80

_JOINERS = frozenset("\u200c\u200d")


def person(raw: str) -> str:
    """A name in NFC with single spaces. Raises `name_invalid`."""
    name = _plain(raw)
    if name is None or not 1 <= len(name) <= NAME_LENGTH:
        raise refusals.name_invalid()
    return name


def label(raw: str, default: str) -> str:
    """What somebody calls a passkey or a key; `default` if they say nothing. Raises `label_invalid`."""
    text = _plain(raw)
    if text is None or len(text) > LABEL_LENGTH:
        raise refusals.label_invalid()
    return text or default


def _plain(raw: str) -> str | None:
    """None for text with control, direction-override, private or unassigned characters.

    The two zero-width joiners stay: Persian and Indic names are written with them.
    """
    text = " ".join(unicodedata.normalize("NFC", raw).split())
    if any(unicodedata.category(char).startswith("C") and char not in _JOINERS for char in text):
        return None
    return text if text.strip("".join(_JOINERS)) else ""
