"""What an order costs without some of its pieces, by what it was bought at.

Discounts are those that its vouchers give to what is left. Delivery costs what it would have cost for what is left, by the
steps that were kept with the order. Taxes follow their lines in proportion, at the rates of the day of purchase. Points pay
the same part of the pieces as before, so that those of the others come back as points. What has been paid for the
difference goes back; where what is left would cost more than that, the edit is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import msgspec

from luxe.kernel import errors
from luxe.kernel.money import Money
from luxe.services.orders.contract import (
    EditedPiece,
    EditPlan,
    GiftPart,
    KeptLine,
    OrderDiscount,
    OrderDraft,
    OrderLine,
    OrderState,
    OrderTax,
    Refund,
    UnitRef,
)
from luxe.services.orders.domain import problems_of
from luxe.services.orders.domain.refunds import gift_part, left

EDITABLE: frozenset[OrderState] = frozenset({"paid", "partly_shipped"})
"""An order that is placed is being paid for at this moment; one that is shipped comes back by a return."""
_WITH_THE_GOODS = ("vat", "gst", "consumption_tax")


def check_lines(draft: OrderDraft, lines: Sequence[KeptLine]) -> None:
    """Raises `quantity_invalid`, `line_unknown`, `edit_empties_order`, `nothing_to_change`."""
    bought = {line.variant_id: line.quantity for line in draft.lines}
    if unknown := sorted({line.variant_id for line in lines} - set(bought)):
        raise errors.Conflict("the order has no such line", code="line_unknown", variant_ids=unknown)
    if len({line.variant_id for line in lines}) < len(lines) or any(
        not 1 <= line.quantity <= bought[line.variant_id] for line in lines
    ):
        raise errors.BadRequest("each line once, with no more than it has", code="quantity_invalid")
    if not lines:
        raise errors.Conflict("nothing would be left: cancel the order instead", code="edit_empties_order")
    if {line.variant_id: line.quantity for line in lines} == bought:
        raise errors.Conflict("the order is like that already", code="nothing_to_change")


def units_to_free(
    draft: OrderDraft,
    lines: Sequence[KeptLine],
    gone: Collection[tuple[str, str]],
    spare: Collection[tuple[str, str]] = (),
) -> list[UnitRef]:
    """Which units leave the order: none that is `gone` from the house (`pieces_left`), and of the others those in `spare`
    last."""
    kept = {line.variant_id: line.quantity for line in lines}
    chosen: list[UnitRef] = []
    for line in draft.lines:
        fewer = min(line.quantity - kept.get(line.variant_id, 0), len(line.serials))
        here = [serial for serial in line.serials if (line.variant_id, serial) not in gone]
        if fewer > len(here):
            raise errors.Conflict(
                "these pieces have left the house",
                code="pieces_left",
                variant_id=line.variant_id,
                here=len(here),
            )
        here.sort(key=lambda serial: (line.variant_id, serial) in spare)
        chosen += [UnitRef(variant_id=line.variant_id, serial=serial) for serial in here[:fewer]]
    return chosen


def plan_of(
    draft: OrderDraft,
    lines: Sequence[KeptLine],
    discounts: Sequence[OrderDiscount],
    refunds: Sequence[Refund],
    units: Sequence[UnitRef],
) -> EditPlan:
    """Raises `edit_owes`, `points_cover_goods`, and `order_changed` where the discounts are not those of the lines."""
    check_lines(draft, lines)
    whole = _repriced(draft, lines, discounts, units)
    nothing = Money.zero(draft.payable.currency)
    worth_before, worth_after = _after_discounts(draft), _after_discounts(whole)
    if draft.points_worth.minor and not draft.goods_paid.minor:
        raise errors.Conflict("points paid for all of its pieces", code="points_cover_goods")
    by_points = draft.points_worth
    if worth_before.minor and worth_after < worth_before:
        by_points = draft.points_worth.share(worth_after.minor, worth_before.minor)
    amount = draft.paid - (worth_after + whole.delivery + (whole.tax_added or nothing) - by_points)
    short = max(worth_after - worth_before, -amount, amount - left(draft, refunds))
    if short.minor > 0:
        raise errors.Conflict(
            "what is left would cost more than is paid for it",
            code="edit_owes",
            short=msgspec.to_builtins(short),
        )
    gift = gift_part(draft, refunds, amount)
    by_card = (draft.gift_worth or nothing) - gift
    after = msgspec.structs.replace(
        whole,
        points=_points_left(draft, by_points),
        points_worth=by_points,
        gift_worth=by_card,
        gifts=_gifts_left(draft.gifts, gift),
        payable=draft.payable - (amount - gift),
    )
    if problems := problems_of(after):
        raise errors.Conflict("the order has changed meanwhile", code="order_changed", errors=problems)
    given = sum((each.goods for each in refunds if each.of_the_order), nothing)
    goods = max(min(draft.goods_paid - after.goods_paid, draft.goods_paid - given), nothing)
    return EditPlan(before=draft, after=after, amount=amount, goods=goods, gift=gift, units=list(units))


def pieces_of(before: OrderDraft, after: OrderDraft) -> list[EditedPiece]:
    """The lines that have become less."""
    kept = {line.variant_id: line.quantity for line in after.lines}
    return [
        EditedPiece(
            variant_id=line.variant_id,
            sku=line.sku,
            brand=line.brand,
            title=line.title,
            label=line.label,
            before=line.quantity,
            after=kept.get(line.variant_id, 0),
        )
        for line in before.lines
        if kept.get(line.variant_id, 0) < line.quantity
    ]


def _repriced(
    draft: OrderDraft,
    kept: Sequence[KeptLine],
    discounts: Sequence[OrderDiscount],
    units: Sequence[UnitRef],
) -> OrderDraft:
    """Lines, discounts, delivery and taxes; not yet who pays."""
    nothing = Money.zero(draft.payable.currency)
    freed = {(unit.variant_id, unit.serial) for unit in units}
    wanted = {line.variant_id: line for line in kept}
    lines = [_line(line, wanted[line.variant_id], freed) for line in draft.lines if line.variant_id in wanted]
    goods = sum((line.total for line in lines), nothing)
    discount = sum((each.amount for each in discounts), nothing)
    delivery = _delivery(draft, goods - discount)
    taxes = _taxes(draft, lines, delivery)
    return msgspec.structs.replace(
        draft,
        lines=lines,
        goods=goods,
        discount=discount,
        discounts=list(discounts),
        delivery=delivery,
        taxes=taxes,
        tax_included=sum((tax.amount for tax in taxes if tax.included), nothing),
        tax_added=sum((tax.amount for tax in taxes if not tax.included), nothing),
    )


def _line(line: OrderLine, kept: KeptLine, freed: Collection[tuple[str, str]]) -> OrderLine:
    return msgspec.structs.replace(
        line,
        quantity=kept.quantity,
        total=line.unit * kept.quantity,
        serials=[serial for serial in line.serials if (line.variant_id, serial) not in freed],
        reasons=list(kept.reasons),
    )


def _after_discounts(draft: OrderDraft) -> Money:
    return draft.goods - draft.discount if draft.discount else draft.goods


def _delivery(draft: OrderDraft, goods: Money) -> Money:
    """By the highest step that what is left reaches; as it was where none is, or where it never depended on the value."""
    reached = [step for step in draft.delivery_steps if step.from_value <= goods]
    return max(reached, key=lambda step: step.from_value.minor).price if reached else draft.delivery


def _taxes(draft: OrderDraft, lines: Sequence[OrderLine], delivery: Money) -> list[OrderTax]:
    before: Mapping[str, Money] = {line.variant_id: line.after for line in draft.lines} | {"": draft.delivery}
    after = {line.variant_id: line.after for line in lines} | {"": delivery}
    taxes = [
        _scaled(tax, after[tax.variant_id], before[tax.variant_id])
        for tax in draft.taxes
        if tax.variant_id in after
    ]
    if delivery.minor and not draft.delivery.minor:
        taxes += _on_delivery(draft, lines, delivery)
    return taxes


def _scaled(tax: OrderTax, after: Money, before: Money) -> OrderTax:
    if after == before or not before.minor:
        return tax
    return msgspec.structs.replace(
        tax,
        base=tax.base.share(after.minor, before.minor),
        amount=tax.amount.share(after.minor, before.minor),
    )


def _on_delivery(draft: OrderDraft, lines: Sequence[OrderLine], delivery: Money) -> list[OrderTax]:
    """Delivery that was free and is not any more has the taxes in it that are in the dearest piece: what is sold along
    follows what is sold. Taxes that would have to be added to it are not asked for."""
    dearest = max(lines, key=lambda line: line.after.minor).variant_id
    rows = [
        tax
        for tax in draft.taxes
        if tax.variant_id == dearest and tax.included and tax.kind in _WITH_THE_GOODS
    ]
    percent = sum((Decimal(tax.rate) for tax in rows), Decimal(0))
    if not percent:
        return []
    net = Fraction(delivery.minor) * 100 / (100 + Fraction(percent))
    amounts = [Money(round(net * Fraction(Decimal(tax.rate)) / 100), delivery.currency) for tax in rows]
    base = delivery - sum(amounts, Money.zero(delivery.currency))
    return [
        msgspec.structs.replace(tax, variant_id="", base=base, amount=amount)
        for tax, amount in zip(rows, amounts, strict=True)
    ]


def _points_left(draft: OrderDraft, worth: Money) -> int:
    """About: what has come back is known once it has."""
    if not draft.points_worth.minor:
        return draft.points
    return round(Fraction(draft.points * worth.minor, draft.points_worth.minor))


def _gifts_left(gifts: Sequence[GiftPart], back: Money) -> list[GiftPart]:
    """The last card is refilled first."""
    rest: list[GiftPart] = []
    for part in reversed(gifts):
        taken = min(part.amount, back)
        back -= taken
        if part.amount > taken:
            rest.append(GiftPart(ending=part.ending, amount=part.amount - taken))
    return rest[::-1]
