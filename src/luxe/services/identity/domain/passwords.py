"""Which passwords are accepted: long enough, and not among the first that anybody would try.

Source: NIST SP 800-63B-4, 3.1.1.2: a minimum length, a blocklist with words of the context, no rules of composition.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from luxe.services.identity.domain import refusals
from luxe.services.identity.domain.blocklist import PASSWORDS, WALKS, WORDS

SHORTEST = 10
LONGEST = 256
_DECORATION = 6
_LEET = str.maketrans("013457@$!+", "oieastasit")


def accept(raw: str, context: Iterable[str]) -> str:
    """The password as it is hashed (NFKC, so that every keyboard writes the same). Raises `password_weak`."""
    if len(raw) > LONGEST:
        raise refusals.password_weak("too_long")
    password = prepare(raw)
    if len(password) < SHORTEST:
        raise refusals.password_weak("too_short")
    folded = password.casefold()
    if _is_common(folded):
        raise refusals.password_weak("common")
    if _is_repetitive(folded):
        raise refusals.password_weak("repetitive")
    if _is_about(folded, context):
        raise refusals.password_weak("context")
    return password


def prepare(raw: str) -> str:
    return unicodedata.normalize("NFKC", raw)


def context_words(email: str, name: str, house_name: str) -> list[str]:
    """Words that an attacker who knows the person and the house tries first."""
    local, _, domain = email.partition("@")
    parts = [
        local,
        *local.replace("_", ".").replace("-", ".").split("."),
        *domain.split("."),
        *name.split(),
        house_name,
    ]
    return sorted({part.casefold() for part in parts if len(part) >= 4}, key=len, reverse=True)


def _is_common(folded: str) -> bool:
    """A listed password, or one or two listed words with a little decoration: `P4ssw0rd2026!`, `iloveyoudragon1`."""
    return folded in PASSWORDS or any(_is_listed(text) for text in (folded, folded.translate(_LEET)))


def _is_listed(text: str) -> bool:
    found = 0
    for word in WORDS:
        found += text.count(word)
        text = text.replace(word, "")
    return 1 <= found <= 2 and len(text) <= _DECORATION


def _is_repetitive(folded: str) -> bool:
    """One short unit over and over, or a walk along the alphabet or the keyboard."""
    for size in range(1, 5):
        unit = folded[:size]
        if (unit * (len(folded) // size + 1))[: len(folded)] == folded:
            return True
    walks = [*WALKS, *(walk[::-1] for walk in WALKS)]
    return any(folded in walk + walk for walk in walks)


def _is_about(folded: str, context: Iterable[str]) -> bool:
    left = folded
    for word in context:
        left = left.replace(word, "")
    return left != folded and sum(char.isalnum() for char in left) < _DECORATION
