"""What a unit that comes back is worth against another piece, and the order that the piece becomes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from luxe.kernel.money import Money
from luxe.services.orders.contract import (
    ExchangeTerms,
    Order,
    OrderDiscount,
    OrderDraft,
    OrderLine,
    OrderTax,
    PriceReason,
    Refund,
    UnitDestination,
    UnitRef,
    WantedPiece,
)
from luxe.services.orders.domain.refunds import goods_part
from luxe.services.orders.domain.returns import amount_of


def terms_of(order: Order, refunds: Sequence[Refund], unit: UnitRef, wanted: WantedPiece) -> ExchangeTerms:
    """Among the refunds is none of this exchange itself."""
    draft = order.draft
    credit = amount_of(draft, refunds, {(unit.variant_id, unit.serial)}, last=False)
    line = next(line for line in draft.lines if line.variant_id == unit.variant_id)
    is_same = (wanted.product_id, wanted.price) == (line.product_id, line.unit)
    worth = wanted.price if is_same else goods_part(draft, refunds, credit)
    nothing = Money.zero(credit.currency)
    over = max(worth - wanted.price, nothing)
    return ExchangeTerms(
        credit=credit,
        short=max(wanted.price - worth, nothing),
        surplus=credit.share(over.minor, worth.minor) if over.minor else nothing,
        destination=UnitDestination(
            country=draft.address.country, region=draft.address.region, postcode=draft.address.postcode
        ),
    )


def owed(short: Money, taxes: Sequence[OrderTax]) -> Money:
    return sum((tax.amount for tax in taxes if not tax.included), short)


def replacement_of(
    first: Order,
    returned: str,
    wanted: WantedPiece,
    short: Money,
    taxes: list[OrderTax],
    deliver_on: date,
) -> OrderDraft:
    """The wanted piece, less what the unit that came back under this number pays of it, at the first order's address."""
    nothing = Money.zero(short.currency)
    off, name = wanted.price - short, f"{returned} · {first.number}"
    added = sum((tax.amount for tax in taxes if not tax.included), nothing)
    line = OrderLine(
        variant_id=wanted.variant_id,
        product_id=wanted.product_id,
        sku=wanted.sku,
        brand=wanted.brand,
        title=wanted.title,
        label=wanted.label,
        picture_url=wanted.picture_url,
        quantity=1,
        unit=wanted.price,
        total=wanted.price,
        reasons=[PriceReason(name=name, amount=off)] if off.minor else [],
    )
    return OrderDraft(
        account_id=first.draft.account_id,
        lines=[line],
        goods=wanted.price,
        delivery=nothing,
        points=0,
        points_worth=nothing,
        payable=short + added,
        address=first.draft.address,
        deliver_on=deliver_on,
        discount=off,
        discounts=[OrderDiscount(name=name, amount=off)] if off.minor else [],
        taxes=taxes,
        tax_included=sum((tax.amount for tax in taxes if tax.included), nothing),
        tax_added=added,
    )
