"""Returns: their life as data, and what was paid for each unit that comes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from luxe.kernel.money import Money
from luxe.services.orders.contract import (
    OrderDraft,
    OrderLine,
    OrderState,
    Refund,
    Return,
    ReturnState,
    UnitRef,
)
from luxe.services.orders.domain.refunds import left

ReturnEvent = Literal["approve", "decline", "withdraw", "inspect", "refund", "exchange", "refuse"]

RETURN_TRANSITIONS: Mapping[ReturnState, Mapping[ReturnEvent, ReturnState]] = {
    "requested": {"approve": "approved", "decline": "declined", "withdraw": "withdrawn"},
    "approved": {"decline": "declined", "withdraw": "withdrawn", "inspect": "inspected"},
    "inspected": {
        "withdraw": "withdrawn",
        "refund": "refunded",
        "exchange": "exchanged",
        "refuse": "refused",
    },
    "declined": {},
    "withdrawn": {},
    "refunded": {},
    "exchanged": {},
    "refused": {},
}
"""A return moves along these and in no other way."""

RETURNABLE: frozenset[OrderState] = frozenset({"delivered", "partly_returned"})
SETTLED: frozenset[ReturnState] = frozenset({"refunded", "exchanged"})
OVER: frozenset[ReturnState] = frozenset({"declined", "withdrawn", "refused"})
"""The units of these stay with the member, and may be asked for again."""

Shares = Mapping[tuple[str, str], Money]
"""By variant and serial number: what was paid for the unit, after discounts and net of points, with the tax added to it."""


def return_sources(event: ReturnEvent) -> list[ReturnState]:
    return [state for state, moves in RETURN_TRANSITIONS.items() if event in moves]


def return_target(event: ReturnEvent) -> ReturnState:
    return next(moves[event] for moves in RETURN_TRANSITIONS.values() if event in moves)


def shares(draft: OrderDraft) -> Shares:
    """What was paid for goods, split over the units by what they cost after discounts (largest remainder), and each line's
    tax over its units: the parts are the whole."""
    paid = draft.goods_paid
    units = [(line.variant_id, serial) for line in draft.lines for serial in line.serials]
    prices = [price for line in draft.lines for price in _over_units(line.after, line)]
    taxes = [tax for line in draft.lines for tax in _over_units(_tax_on(draft, line), line)]
    nothing = Money.zero(paid.currency)
    parts = [nothing] * len(units)
    if any(price.minor for price in prices):
        parts = paid.allocate([price.minor for price in prices])
    return {unit: part + tax for unit, part, tax in zip(units, parts, taxes, strict=True)}


def _over_units(amount: Money, line: OrderLine) -> list[Money]:
    return amount.allocate([1] * len(line.serials)) if line.serials else []


def _tax_on(draft: OrderDraft, line: OrderLine) -> Money:
    taxes = [tax.amount for tax in draft.taxes if tax.variant_id == line.variant_id and not tax.included]
    return sum(taxes, Money.zero(line.total.currency))


def accepted_units(returns: Sequence[Return]) -> set[tuple[str, str]]:
    return {(unit.variant_id, unit.serial) for each in returns for unit in each.units if unit.accepted}


def taken_units(returns: Sequence[Return]) -> set[tuple[str, str]]:
    """Units that came back, or are about to; those that an inspection refused stay with the member."""
    return {
        (unit.variant_id, unit.serial)
        for each in returns
        if each.state not in OVER
        for unit in each.units
        if unit.accepted is not False
    }


def is_all(draft: OrderDraft, back: Collection[tuple[str, str]]) -> bool:
    return set(shares(draft)) <= set(back)


def amount_of(
    draft: OrderDraft, refunds: Sequence[Refund], units: Collection[tuple[str, str]], last: bool
) -> Money:
    """What goes back for these units: their shares, as far as they have not gone back otherwise; with the last of the
    order all that is left."""
    rest = left(draft, refunds)
    if last:
        return rest
    known = shares(draft)
    return min(sum((known[unit] for unit in units), Money.zero(rest.currency)), rest)


def unknown_units(draft: OrderDraft, units: Sequence[UnitRef]) -> list[str]:
    known = shares(draft)
    return [unit.serial for unit in units if (unit.variant_id, unit.serial) not in known]
