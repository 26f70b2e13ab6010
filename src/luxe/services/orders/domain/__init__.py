"""Pure rules of orders: their life as data, numbers that people can say, drafts whose sums are right, addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from luxe.kernel.money import Money, MoneyError
from luxe.services.orders.contract import OrderDraft, OrderState

Event = Literal[
    "pay", "cancel", "close", "reopen", "finish", "ship_some", "ship", "deliver", "return_some", "return_all"
]

TRANSITIONS: Mapping[OrderState, Mapping[Event, OrderState]] = {
    "placed": {"pay": "paid", "cancel": "cancelled"},
    "paid": {"close": "cancelling", "ship_some": "partly_shipped", "ship": "shipped"},
    "cancelling": {"reopen": "paid", "finish": "cancelled"},
    "cancelled": {},
    "partly_shipped": {"ship_some": "partly_shipped", "ship": "shipped"},
    "shipped": {"deliver": "delivered"},
    "delivered": {"return_some": "partly_returned", "return_all": "returned"},
    "partly_returned": {"return_some": "partly_returned", "return_all": "returned"},
    "returned": {},
}
"""An order moves along these and in no other way."""

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER_LENGTH = 8
LONGEST_MESSAGE = 500
_PREFIX = "LX-"
_MISHEARD = str.maketrans("OIL", "011")


def sources(event: Event) -> list[OrderState]:
    """The states in which `event` may happen."""
    return [state for state, moves in TRANSITIONS.items() if event in moves]


def target(event: Event) -> OrderState:
    """The one state that `event` leads to, from wherever it may happen."""
    return next(moves[event] for moves in TRANSITIONS.values() if event in moves)


def spell_number(random: int, prefix: str = _PREFIX) -> str:
    """The number of an order or a return from 40 random bits, in Crockford's base 32 (no I, L, O or U)."""
    digits = [CROCKFORD[random >> shift & 31] for shift in range(0, 5 * NUMBER_LENGTH, 5)]
    return prefix + "".join(digits)


def hear_number(said: str) -> str:
    """An order number as somebody typed it: any case, O for 0, I and L for 1. Empty if it cannot be one."""
    text = said.strip().upper().removeprefix(_PREFIX).replace("-", "").replace(" ", "").translate(_MISHEARD)
    if len(text) != NUMBER_LENGTH or any(digit not in CROCKFORD for digit in text):
        return ""
    return _PREFIX + text


def problems_of(draft: OrderDraft) -> list[dict[str, str]]:
    """What is wrong with a draft, by field; empty if its sums are right."""
    try:
        return [{"field": field, "message": message} for field, message in _problems(draft)]
    except MoneyError as error:
        return [{"field": "lines", "message": str(error)}]


def _problems(draft: OrderDraft) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if not draft.lines:
        found.append(("lines", "an order has at least one line"))
    if len({line.variant_id for line in draft.lines}) < len(draft.lines):
        found.append(("lines", "each variant has one line"))
    for index, line in enumerate(draft.lines):
        if line.quantity < 1:
            found.append((f"lines.{index}.quantity", "at least one"))
        if line.unit.minor < 0 or line.total != line.unit * line.quantity:
            found.append((f"lines.{index}.total", "unit times quantity"))
        if line.after.minor < 0 or any(reason.amount.minor <= 0 for reason in line.reasons):
            found.append((f"lines.{index}.reasons", "something, and no more than the line costs"))
    found.extend(_wrong_sums(draft))
    if draft.points < 0:
        found.append(("points", "not negative"))
    if len(draft.gift_message) > LONGEST_MESSAGE or "\0" in draft.gift_message:
        found.append(("gift_message", f"at most {LONGEST_MESSAGE} characters that can be printed"))
    return found


def _wrong_sums(draft: OrderDraft) -> list[tuple[str, str]]:
    nothing = Money.zero(draft.payable.currency)
    discount, gift_worth = draft.discount or nothing, draft.gift_worth or nothing
    included, added = draft.tax_included or nothing, draft.tax_added or nothing
    by_line = [reason.amount for line in draft.lines for reason in line.reasons]
    rules = [
        ("goods", draft.goods, [line.total for line in draft.lines], "the sum of the lines"),
        ("lines", discount, by_line, "their reasons sum to the discount"),
        ("discount", discount, [each.amount for each in draft.discounts], "the sum of the discounts"),
        ("gift_worth", gift_worth, [each.amount for each in draft.gifts], "the sum of the gifts"),
        (
            "tax_included",
            included,
            [tax.amount for tax in draft.taxes if tax.included],
            "the sum of its taxes",
        ),
        ("tax_added", added, [tax.amount for tax in draft.taxes if not tax.included], "the sum of its taxes"),
    ]
    found = [(field, rule) for field, amount, parts, rule in rules if amount != sum(parts, nothing)]
    due = draft.goods - discount + draft.delivery + added - draft.points_worth - gift_worth
    if draft.payable != due:
        found.append(("payable", "goods − discount + delivery + tax_added − points_worth − gift_worth"))
    amounts = {
        "delivery": draft.delivery,
        "points_worth": draft.points_worth,
        "tax_added": added,
        "payable": draft.payable,
    }
    found.extend((field, "not negative") for field, amount in amounts.items() if amount.minor < 0)
    found.extend(("gifts", "more than nothing") for each in draft.gifts if each.amount.minor <= 0)
    return found
