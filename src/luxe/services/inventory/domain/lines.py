"""The lines of a hold and the serial numbers of units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from luxe.services.inventory.contract import HoldLine

MAX_PER_LINE = 100
MAX_SECONDS = 60 * 24 * 3600
"""A purchase holds for days; an exchange, for which a piece has to travel first, for weeks."""
MAX_AT_ONCE = 10_000
"""Units in one receipt, count or transfer."""
_SERIAL_LENGTH = 64


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


def unfit_serials(serials: Sequence[str]) -> list[str]:
    """Those that are empty, longer than 64 characters, padded, or hold anything that cannot be printed."""
    return sorted(
        {
            serial
            for serial in serials
            if not 1 <= len(serial) <= _SERIAL_LENGTH or serial != serial.strip() or not serial.isprintable()
        }
    )


def repeated(serials: Sequence[str]) -> list[str]:
    """Those that occur more than once."""
    return sorted(serial for serial, times in Counter(serials).items() if times > 1)


def own_number(unit_id: str) -> str:
    """The number of a unit whose maker gave none."""
    return unit_id.removeprefix("unit_").upper()
