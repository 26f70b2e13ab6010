"""The rules of stock that need no database."""

from __future__ import annotations

from collections.abc import Sequence

from luxe.services.inventory.contract import HoldLine

MAX_PER_LINE = 100
MAX_SECONDS = 3 * 24 * 3600


class QuantityInvalid(ValueError):
    """A line asks for nothing, for too much, or not for a whole number of pieces."""


def merged(lines: Sequence[HoldLine]) -> list[HoldLine]:
    """One line a variant, sorted by variant so that every hold takes its locks in the same order.

    Raises `QuantityInvalid`.
    """
    wanted: dict[str, int] = {}
    for line in lines:
        if line.quantity < 1:
            raise QuantityInvalid(f"{line.variant_id}: {line.quantity} is not a quantity")
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
    if not wanted or max(wanted.values()) > MAX_PER_LINE:
        raise QuantityInvalid(f"a hold is for 1 to {MAX_PER_LINE} pieces of each variant")
    return [HoldLine(variant_id=variant, quantity=wanted[variant]) for variant in sorted(wanted)]
