"""The life of a shipment as data, and what goes into one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from luxe.kernel.errors import Conflict
from luxe.services.fulfilment.contract import PackedUnit, ShipmentState
from luxe.services.inventory.contract import Unit

_ON_THE_WAY = frozenset[ShipmentState](
    ("in_transit", "out_for_delivery", "delivered", "exception", "returned_to_sender", "lost")
)

MOVES: Mapping[ShipmentState, frozenset[ShipmentState]] = {
    "packed": frozenset(("handed_over", "called_off")),
    "called_off": frozenset(),
    "handed_over": _ON_THE_WAY,
    "in_transit": _ON_THE_WAY - {"in_transit"},
    "out_for_delivery": _ON_THE_WAY - {"out_for_delivery"},
    "exception": _ON_THE_WAY - {"exception"},
    "delivered": frozenset(),
    "returned_to_sender": frozenset(),
    "lost": frozenset(),
}
"""A shipment moves along these and in no other way. Carriers leave scans out: every later state can follow."""

UNDER_WAY = tuple(state for state, moves in MOVES.items() if moves and state != "packed")
TROUBLED: tuple[ShipmentState, ...] = ("exception", "returned_to_sender", "lost")
SETS_FREE: frozenset[ShipmentState] = frozenset(("called_off", "returned_to_sender"))
"""What was in such a shipment can be packed again."""


def may_move(state: ShipmentState, to: ShipmentState) -> bool:
    return to in MOVES[state]


TOLD_BY_HAND: tuple[ShipmentState, ...] = tuple(
    state for state in MOVES if state not in ("packed", "called_off", "handed_over")
)
PACKABLE = ("paid", "partly_shipped", "shipped")
"""States of an order of which something can be packed; of a shipped one, what came back."""
_CARRIED = ("standard", "express")
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Picked(msgspec.Struct, frozen=True):
    """`resent`: these have left the house before, and came back."""

    units: list[PackedUnit]
    resent: bool


def needs_carrier(method: str) -> bool:
    """The others are in the hands of the house's own people."""
    return method in _CARRIED


def spell_number(random: int) -> str:
    """The number of a shipment from 40 random bits, in Crockford's base 32."""
    return "SH-" + "".join(_CROCKFORD[random >> shift & 31] for shift in range(0, 40, 5))


def pick(
    stock: Sequence[Unit], live: Collection[tuple[str, str]], wanted: Sequence[PackedUnit] | None
) -> Picked:
    """Which units of an order are packed: those wanted, or all that are here and in no shipment; if there are none, those
    that came back. Raises `unit_unknown`, `unit_packed`, `not_arrived`, `units_mixed`, `nothing_to_pack`."""
    own = {(unit.variant_id, unit.serial): unit for unit in stock}
    if wanted is None:
        ready = [unit for name, unit in own.items() if name not in live and unit.expected_on is None]
        chosen = [unit for unit in ready if unit.state != "shipped"] or ready
    else:
        names = list(dict.fromkeys((unit.variant_id, unit.serial) for unit in wanted))
        if any(name not in own for name in names):
            raise Conflict("these are not units of this order", code="unit_unknown")
        if any(name in live for name in names):
            raise Conflict("one of these is in another shipment", code="unit_packed")
        chosen = [own[name] for name in names]
        if late := sorted(unit.serial for unit in chosen if unit.expected_on is not None):
            raise Conflict("these pieces have not arrived yet", code="not_arrived", serials=late)
    if not chosen:
        raise Conflict("nothing of this order can be packed", code="nothing_to_pack")
    resent = {unit.state == "shipped" for unit in chosen}
    if len(resent) > 1:
        raise Conflict("what came back goes in a shipment of its own", code="units_mixed")
    units = [PackedUnit(variant_id=unit.variant_id, serial=unit.serial) for unit in chosen]
    return Picked(units, resent.pop())
