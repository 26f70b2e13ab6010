"""What invoices and credit notes say. The parts of a credit note follow the invoice in exact proportion: when all has gone
back, its parts have."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from luxe.kernel.money import Money
from luxe.services.orders.contract import (
    Bill,
    BillContent,
    BillDiscount,
    BillKind,
    BillLine,
    BillMeans,
    BillTax,
    LineEdit,
    Order,
    OrderDraft,
    OrderLine,
    Refund,
    Return,
    Seller,
)

PLACES = 6
EDIT = "edit"


def spell_bill(series: str, year: int, place: int) -> str:
    return f"{series}-{year}-{place:0{PLACES}d}"


def seller_of(name: str, address: str, tax_id: str, register: str, contact: str) -> Seller:
    """`address` has its lines parted by `|`."""
    lines = [line.strip() for line in address.split("|")]
    return Seller(
        name=name,
        address=[line for line in lines if line],
        tax_id=tax_id,
        register=register,
        contact=contact,
    )


def invoice_of(order: Order, seller: Seller, buyer: str) -> BillContent:
    draft = order.draft
    means = means_of(draft)
    return BillContent(
        seller=seller,
        buyer=buyer,
        address=draft.address,
        order_number=order.number,
        ordered_at=order.placed_at,
        lines=goods_of(draft),
        goods=draft.goods,
        discounts=discounts_of(draft),
        delivery=draft.delivery,
        deliver_on=draft.deliver_on,
        taxes=taxes_of(draft),
        total=_sum([each.amount for each in means], draft.payable.currency),
        means=means,
    )


def goods_of(draft: OrderDraft) -> list[BillLine]:
    return [_sold(line) for line in draft.lines]


def discounts_of(draft: OrderDraft) -> list[BillDiscount]:
    return [BillDiscount(reason=each.name, amount=each.amount) for each in draft.discounts]


def taxes_of(draft: OrderDraft) -> list[BillTax]:
    """The taxes of all lines and of delivery, summed by name and rate."""
    found: dict[tuple[str, str, bool], BillTax] = {}
    for tax in draft.taxes:
        key = (tax.name, tax.rate, tax.included)
        known = found.get(key)
        found[key] = BillTax(
            name=tax.name,
            rate=tax.rate,
            base=tax.base + known.base if known else tax.base,
            amount=tax.amount + known.amount if known else tax.amount,
            included=tax.included,
        )
    return list(found.values())


def means_of(draft: OrderDraft) -> list[BillMeans]:
    """What the order was paid with; nothing that paid nothing, unless nothing had to be paid."""
    points = BillMeans(kind="points", amount=draft.points_worth, points=draft.points)
    gifts = [BillMeans(kind="gift_card", amount=each.amount, ending=each.ending) for each in draft.gifts]
    paid = [points, *gifts, BillMeans(kind="payment", amount=draft.payable)]
    return [each for each in paid if each.amount.minor] or paid[-1:]


def credit_note_of(
    invoice: Bill,
    order: Order,
    refund: Refund,
    before: Sequence[Bill],
    returned: Return | None,
    edit: LineEdit | None = None,
) -> BillContent:
    """Of one refund of an order as it was bought, after the credit notes `before`; `returned` are the units that it is for,
    if it is for units, and `edit` what was taken out of the order."""
    sold = invoice.content
    means = _means_back(order, refund, before)
    total = _sum([each.amount for each in means], sold.total.currency)
    taxes = _taxes_out(edit) if edit else _taxes_back(sold, before, total)
    return BillContent(
        seller=sold.seller,
        buyer=sold.buyer,
        address=sold.address,
        order_number=sold.order_number,
        ordered_at=sold.ordered_at,
        lines=_lines_out(edit) if edit else _lines_back(order, refund, returned),
        goods=None,
        discounts=[],
        delivery=None,
        deliver_on=None,
        taxes=taxes,
        total=total,
        means=means,
        invoice=invoice.number,
        cause=refund.kind,
        reason=refund.reason,
    )


def kind_of(refund: Refund | None) -> BillKind:
    return "invoice" if refund is None else "credit_note"


def _means_back(order: Order, refund: Refund, before: Sequence[Bill]) -> list[BillMeans]:
    nothing = Money.zero(refund.amount.currency)
    back = BillMeans(kind="payment", amount=refund.by_provider)
    gift = BillMeans(kind="gift_card", amount=refund.gift or nothing)
    worth = _points_worth_back(order.draft, refund.points_back, before)
    points = BillMeans(kind="points", amount=worth, points=refund.points_back)
    return [each for each in (points, gift, back) if each.amount.minor] or [back]


def _points_worth_back(draft: OrderDraft, points: int, before: Sequence[Bill]) -> Money:
    """What the points that came back had taken off, to the minor unit over all credit notes of the order."""
    if not draft.points or not points:
        return Money.zero(draft.payable.currency)
    earlier = [each for bill in before for each in bill.content.means if each.kind == "points"]
    until = sum(each.points for each in earlier) + points
    worth = draft.points_worth.share(until, draft.points)
    return worth - _sum([each.amount for each in earlier], worth.currency)


def _taxes_back(sold: BillContent, before: Sequence[Bill], more: Money) -> list[BillTax]:
    """The part of each tax that belongs to the next `more` to be credited of what edits have left of the invoice."""
    nothing = Money.zero(more.currency)
    edited = [each.content for each in before if each.content.cause == EDIT]
    others = [each.content for each in before if each.content.cause != EDIT]
    of = sold.total - _sum([each.total for each in edited], more.currency)
    until = _sum([each.total for each in others], more.currency) + more

    def credited(tax: BillTax, notes: Sequence[BillContent]) -> tuple[Money, Money]:
        same = [each for note in notes for each in note.taxes if _is_same_tax(each, tax)]
        bases, amounts = [each.base for each in same], [each.amount for each in same]
        return _sum(bases, more.currency), _sum(amounts, more.currency)

    def part(whole: Money, out: Money, already: Money) -> Money:
        return (whole - out).share(until.minor, of.minor) - already if of.minor else nothing

    taxes = []
    for tax in sold.taxes:
        out, already = credited(tax, edited), credited(tax, others)
        base, amount = part(tax.base, out[0], already[0]), part(tax.amount, out[1], already[1])
        taxes.append(msgspec.structs.replace(tax, base=base, amount=amount))
    return taxes


def _taxes_out(edit: LineEdit) -> list[BillTax]:
    """What the taxes of the order have become less by."""
    kept = taxes_of(edit.after)
    nothing = Money.zero(edit.amount.currency)
    out = []
    for tax in taxes_of(edit.before):
        same = [each for each in kept if _is_same_tax(each, tax)]
        base = tax.base - sum((each.base for each in same), nothing)
        amount = tax.amount - sum((each.amount for each in same), nothing)
        out.append(msgspec.structs.replace(tax, base=base, amount=amount))
    return out


def _is_same_tax(one: BillTax, other: BillTax) -> bool:
    return (one.name, one.rate, one.included) == (other.name, other.rate, other.included)


def _lines_out(edit: LineEdit) -> list[BillLine]:
    serials: dict[str, list[str]] = {}
    for unit in edit.units:
        serials.setdefault(unit.variant_id, []).append(unit.serial)
    lines = {line.variant_id: line for line in edit.before.lines}
    return [
        _back(lines[piece.variant_id], piece.before - piece.after, serials.get(piece.variant_id, []))
        for piece in edit.pieces
    ]


def _lines_back(order: Order, refund: Refund, returned: Return | None) -> list[BillLine]:
    if refund.kind == "cancellation":
        return [_back(line, line.quantity, line.serials) for line in order.draft.lines]
    if returned is None:
        return []
    accepted: dict[str, list[str]] = {}
    for unit in returned.units:
        if unit.accepted:
            accepted.setdefault(unit.variant_id, []).append(unit.serial)
    return [
        _back(line, len(accepted[line.variant_id]), accepted[line.variant_id])
        for line in order.draft.lines
        if line.variant_id in accepted
    ]


def _sold(line: OrderLine) -> BillLine:
    return BillLine(
        sku=line.sku,
        brand=line.brand,
        title=line.title,
        label=line.label,
        quantity=line.quantity,
        serials=line.serials,
        unit=line.unit,
        total=line.total,
        reasons=[BillDiscount(reason=each.name, amount=each.amount) for each in line.reasons],
    )


def _back(line: OrderLine, quantity: int, serials: list[str]) -> BillLine:
    return BillLine(
        sku=line.sku,
        brand=line.brand,
        title=line.title,
        label=line.label,
        quantity=quantity,
        serials=serials,
        unit=None,
        total=None,
    )


def _sum(amounts: Sequence[Money], currency: str) -> Money:
    return sum(amounts, Money.zero(currency))
