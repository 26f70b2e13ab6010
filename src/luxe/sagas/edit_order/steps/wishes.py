"""What is wished for, in the words of orders: the lines that stay, at the discounts that they have then, and what is packed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from luxe.kernel.errors import BadRequest, Conflict
from luxe.kernel.house import House
from luxe.sagas.edit_order.contract import MOST_LINES, WantedLine
from luxe.services.fulfilment.contract import Port as FulfilmentPort
from luxe.services.fulfilment.contract import Shipment
from luxe.services.orders.contract import KeptLine, Order, OrderDiscount, PriceReason, UnitRef
from luxe.services.promotions.contract import LeftLine
from luxe.services.promotions.contract import Port as PromotionsPort

_FREE = ("called_off", "returned_to_sender")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    lines: list[KeptLine]
    discounts: list[OrderDiscount]


def check_lines(lines: Sequence[WantedLine]) -> None:
    if not 0 < len(lines) <= MOST_LINES or len({line.variant_id for line in lines}) < len(lines):
        raise BadRequest("each line once, and not too many", code="lines_invalid")


async def wish_of(house: House, order: Order, wanted: Sequence[WantedLine]) -> Wish:
    """Promotions are asked only if vouchers took something off. Raises `line_unknown`, `quantity_invalid`."""
    numbers = {line.variant_id: line.quantity for line in wanted}
    if unknown := sorted(set(numbers) - {line.variant_id for line in order.draft.lines}):
        raise Conflict("the order has no such line", code="line_unknown", variant_ids=unknown)
    left = [(line, numbers.get(line.variant_id, line.quantity)) for line in order.draft.lines]
    if any(not 0 <= number <= line.quantity for line, number in left):
        raise BadRequest("a line can only become less", code="quantity_invalid")
    staying = [(line, number) for line, number in left if number]
    if not staying or not order.draft.discounts:
        lines = [KeptLine(variant_id=line.variant_id, quantity=number) for line, number in staying]
        return Wish(lines=lines, discounts=[])
    found = await house.port(PromotionsPort).reappraise(
        run=order.run,
        lines=[LeftLine(variant_id=line.variant_id, total=line.unit * number) for line, number in staying],
    )
    reasons = {
        line.variant_id: [
            PriceReason(name=each.name, amount=each.amount, percent=each.percent) for each in line.reasons
        ]
        for line in found.lines
    }
    return Wish(
        lines=[
            KeptLine(variant_id=line.variant_id, quantity=number, reasons=reasons.get(line.variant_id, []))
            for line, number in staying
        ],
        discounts=[OrderDiscount(name=each.name, amount=each.amount) for each in found.discounts],
    )


async def packed_units(house: House, order: Order) -> list[UnitRef]:
    """What is in a parcel, whether that has left or not."""
    shipments: list[Shipment] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await house.port(FulfilmentPort).shipments(order_id=order.id, cursor=cursor, limit=100)
        shipments += page.items
        cursor = page.next
    return [
        UnitRef(variant_id=unit.variant_id, serial=unit.serial)
        for each in shipments
        if each.state not in _FREE
        for unit in each.units
    ]


def check_unpacked(order: Order, wanted: Sequence[WantedLine], packed: Sequence[UnitRef]) -> None:
    """Somebody of the house has it in hand already: a member asks them. Raises `line_packed`."""
    bought = {line.variant_id: line.quantity for line in order.draft.lines}
    fewer = {line.variant_id for line in wanted if line.quantity < bought.get(line.variant_id, 0)}
    if in_hand := sorted(fewer & {unit.variant_id for unit in packed}):
        raise Conflict("these pieces are packed already", code="line_packed", variant_ids=in_hand)
