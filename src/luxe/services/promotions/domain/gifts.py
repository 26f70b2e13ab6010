"""The accounts of gift cards, and which card gets how much of a refund."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import msgspec

SHARDS = 16


class Part(msgspec.Struct, frozen=True):
    """So many minor units of a card's currency."""

    card_id: str
    minor: int


def available_account(card_id: str) -> str:
    return f"card:{card_id}:available"


def held_account(card_id: str) -> str:
    return f"card:{card_id}:held"


def issued_account(card_id: str) -> str:
    """One of sixteen that cards are issued from, so that no single one is written by everybody."""
    return f"house:issued:{_shard(card_id)}"


def spent_account(card_id: str) -> str:
    return f"house:spent:{_shard(card_id)}"


def parts_given_back(spent: Sequence[Part], before: int, minor: int) -> list[Part]:
    """The next `minor` units of what was spent, after `before` that were given back earlier: the last card first."""
    given = []
    for part in reversed(spent):
        passed = min(before, part.minor)
        before -= passed
        taken = min(minor, part.minor - passed)
        minor -= taken
        if taken:
            given.append(Part(part.card_id, taken))
    return given


def _shard(card_id: str) -> str:
    return f"{zlib.crc32(card_id.encode()) % SHARDS:02d}"
