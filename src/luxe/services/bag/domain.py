"""Pure rules of a bag: lines by variant, how many of each, and which keys have been heard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from luxe.kernel.errors import Conflict
from luxe.kernel.money import Money
from luxe.services.bag.contract import MAX_LINES, MAX_QUANTITY, BagLine

KEYS_REMEMBERED = 100


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a bag, by variant, and the keys of the latest additions."""

    lines: dict[str, BagLine]
    keys: list[str]


def put(contents: Contents, variant_id: str, quantity: int, now: datetime) -> Contents:
    """Sets a line; 0 removes it. Raises `quantity_invalid` or `bag_full`."""
    if not 0 <= quantity <= MAX_QUANTITY:
        raise Conflict(
            f"a line has 1 to {MAX_QUANTITY} pieces", code="quantity_invalid", maximum=MAX_QUANTITY
        )
    lines = dict(contents.lines)
    if quantity == 0:
        lines.pop(variant_id, None)
        return msgspec.structs.replace(contents, lines=lines)
    known = lines.get(variant_id)
    if known is None and len(lines) >= MAX_LINES:
        raise Conflict(f"a bag has at most {MAX_LINES} lines", code="bag_full", maximum=MAX_LINES)
    lines[variant_id] = BagLine(
        variant_id=variant_id,
        quantity=quantity,
        added_at=known.added_at if known else now,
        seen=known.seen if known else None,
    )
    return msgspec.structs.replace(contents, lines=lines)


def demand_unchanged(contents: Contents, variant_id: str, was: int) -> None:
    """Raises `bag_changed` if there are not as many as somebody thinks."""
    known = contents.lines.get(variant_id)
    quantity = known.quantity if known else 0
    if quantity != was:
        raise Conflict("the bag was changed elsewhere", code="bag_changed", quantity=quantity)


def note_seen(contents: Contents, prices: Mapping[str, Money]) -> Contents:
    lines = {
        variant_id: msgspec.structs.replace(line, seen=prices.get(variant_id, line.seen))
        for variant_id, line in contents.lines.items()
    }
    return msgspec.structs.replace(contents, lines=lines)


def add(contents: Contents, variant_id: str, quantity: int, key: str, now: datetime) -> Contents:
    """Adds to a line, once for each key. Raises `quantity_invalid` or `bag_full`."""
    if key and key in contents.keys:
        return contents
    if quantity < 1:
        raise Conflict("at least one piece is added", code="quantity_invalid", maximum=MAX_QUANTITY)
    known = contents.lines.get(variant_id)
    changed = put(contents, variant_id, quantity + (known.quantity if known else 0), now)
    keys = [*contents.keys, key][-KEYS_REMEMBERED:] if key else contents.keys
    return msgspec.structs.replace(changed, keys=keys)
