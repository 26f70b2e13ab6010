"""What is in a bag, at today's price and with today's stock, and why it costs what it does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from luxe.kernel import i18n
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.sagas.checkout.contract import CheckoutLine, CheckoutQuote, QuotedPiece, QuoteInput
from luxe.services.bag.contract import Bag
from luxe.services.catalog.contract import VariantLine
from luxe.services.inventory.contract import Availability
from luxe.services.orders.contract import Address, PriceReason
from luxe.web.site import Site, Visitor
from luxe.web.storefront.codes import card_text, ending
from luxe.web.storefront.deliveries import way_name
from luxe.web.storefront.pictures import less_text, picture_view, total_price
from luxe.web.taxes import tax_rows, total_note
from luxe.web.views import Line, Total

_LESS: dict[str, dict[str, Any]] = {
    "too_many_attempts": {"codes": []},
    "method_unavailable": {"delivery": ""},
    "not_delivered_there": {"country": ""},
    "region_unknown": {"country": ""},
}
"""What a quote leaves out so that there is one, by the refusal of the one with it."""


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """A bag with what others know of its lines; `gone` cannot be bought now. `trouble` is why the quote leaves out something
    that was wanted."""

    bag: Bag
    pieces: dict[str, VariantLine]
    stock: dict[str, Availability]
    quote: CheckoutQuote
    gone: list[str]
    trouble: str = ""

    @property
    def buyable(self) -> list[QuotedPiece]:
        return [line for line in self.quote.lines if line.variant_id not in self.gone]

    def left(self, variant_id: str) -> int:
        return self.stock[variant_id].available if variant_id in self.stock else 0

    @property
    def complete_on(self) -> date | None:
        """The day by which the last of the pieces is there; None if all are there already."""
        days = [self.stock[line.variant_id].available_on for line in self.buyable]
        return max((day for day in days if day is not None), default=None)


async def contents(
    site: Site,
    visitor: Visitor,
    codes: Sequence[str] = (),
    address: Address | None = None,
    points: int = 0,
    delivery: str = "",
) -> Contents:
    """Four calls, whatever the number of lines."""
    bag = await site.bag.bag(account_id=visitor.id)
    ids = [line.variant_id for line in bag.lines]
    if not ids:
        return Contents(bag=bag, pieces={}, stock={}, quote=_nothing(visitor.currency), gone=[])
    shown, stock = await asyncio.gather(
        site.catalog.lines(variant_ids=ids, locale=visitor.locale),
        site.inventory.availability(variant_ids=ids),
    )
    pieces = {line.variant_id: line for line in shown}
    known = {each.variant_id: each for each in stock}
    available = {variant_id: each.available for variant_id, each in known.items()}
    gone = [
        line.variant_id
        for line in bag.lines
        if line.variant_id not in pieces
        or not pieces[line.variant_id].on_sale
        or available.get(line.variant_id, 0) < 1
    ]
    wanted = QuoteInput(
        account_id=visitor.id,
        lines=[
            CheckoutLine(variant_id=line.variant_id, quantity=min(line.quantity, available[line.variant_id]))
            for line in bag.lines
            if line.variant_id not in gone
        ],
        currency=visitor.currency,
        country=address.country if address else "",
        region=address.region if address else "",
        postcode=address.postcode if address else "",
        codes=list(codes),
        points=points,
        delivery=delivery,
    )
    quote, trouble = await _quoted(site, wanted)
    return Contents(
        bag=bag,
        pieces=pieces,
        stock=known,
        quote=quote,
        gone=[*gone, *quote.unpriced],
        trouble=trouble,
    )


async def _quoted(site: Site, wanted: QuoteInput) -> tuple[CheckoutQuote, str]:
    """The quote and, where it could not be had as it was wanted, why: it is then without the codes of somebody who has
    guessed too often, by the standard way of delivery, or without a destination that nothing is delivered to."""
    try:
        return await site.checkout.quote(input=wanted), ""
    except Refusal as refusal:
        less = _LESS.get(refusal.code, {})
        if all(getattr(wanted, name) == value for name, value in less.items()):
            raise
        quote, _ = await _quoted(site, msgspec.structs.replace(wanted, **less))
        return quote, refusal.code


def _nothing(currency: str) -> CheckoutQuote:
    zero = Money.zero(currency)
    return CheckoutQuote(
        lines=[], unpriced=[], goods=zero, discount=zero, discounts=[], rejected=[], delivery=zero, total=zero,
        points=0, points_worth=zero, gifts=[], gift_worth=zero, payable=zero,
    )  # fmt: skip


def totals(visitor: Visitor, quote: CheckoutQuote) -> list[Total]:
    """Pieces, what is taken off, delivery, what points and gift cards pay, and what is left to pay."""
    _ = visitor.words.gettext

    def money(amount: Money) -> str:
        return i18n.format_money(amount, visitor.locale)

    points = [Total(label=_("Points"), value=less_text(visitor, quote.points_worth))]
    return [
        Total(label=_("Pieces"), value=money(quote.goods)),
        *(Total(label=each.name, value=less_text(visitor, each.amount)) for each in quote.discounts),
        Total(
            label=way_name(visitor, quote.delivery_method),
            value=money(quote.delivery) if quote.delivery.minor else _("Included"),
        ),
        *tax_rows(visitor, quote.taxes),
        *(points if quote.points_worth.minor else []),
        *(
            Total(label=card_text(visitor, ending(each.code)), value=less_text(visitor, each.amount))
            for each in quote.gifts
            if each.amount.minor
        ),
        Total(
            label=_("Total"),
            value=money(quote.payable),
            note=total_note(visitor, quote.tax_included, quote.tax_added),
            sum=True,
        ),
    ]


def reason_texts(visitor: Visitor, reasons: Iterable[PriceReason]) -> list[str]:
    """What each voucher takes off a line: its name, its percentage if it has one, and the amount."""
    _ = visitor.words.gettext
    return [
        (_("%(name)s, %(percent)s%%: %(amount)s") if each.percent else _("%(name)s: %(amount)s"))
        % {
            "name": each.name,
            "percent": i18n.format_number(each.percent or 0, visitor.locale),
            "amount": f"\u2068{less_text(visitor, each.amount)}\u2069",
        }
        for each in reasons
    ]


def why_text(
    visitor: Visitor, title: str, before: Money, reasons: Sequence[PriceReason], after: Money
) -> str:
    """Why a line costs less than its price."""
    return visitor.words.gettext("%(piece)s: %(before)s. %(reasons)s. That makes %(after)s.") % {
        "piece": title,
        "before": i18n.format_money(before, visitor.locale),
        "reasons": " · ".join(reason_texts(visitor, reasons)),
        "after": i18n.format_money(after, visitor.locale),
    }


def why(visitor: Visitor, inside: Contents) -> list[str]:
    """Why this price: the house's own, and line by line what is taken off it."""
    _ = visitor.words.gettext
    own = _(
        "This is the house's own price in %(currency)s, tax included. It is the same for every member."
    ) % {"currency": visitor.currency}
    return [
        own,
        *(
            why_text(visitor, inside.pieces[line.variant_id].title, line.before, line.reasons, line.after)
            for line in inside.buyable
            if line.reasons
        ),
    ]


def promise_text(visitor: Visitor, day: date | None) -> str | None:
    """When a piece that is still to come is there."""
    if day is None:
        return None
    text = visitor.words.gettext("On its way to us, expected by %(date)s")
    return text % {"date": i18n.format_date(day, visitor.locale)}


def summary_lines(visitor: Visitor, inside: Contents) -> list[Line]:
    """The buyable lines, read-only."""
    return [
        Line(
            name=piece.title,
            house=piece.brand,
            url=f"/piece/{piece.slug}",
            detail=piece.label,
            quantity_text=f"× {line.quantity}" if line.quantity > 1 else "",
            price=total_price(visitor, line.after),
            picture=picture_view(piece.picture),
            note=promise_text(visitor, inside.stock[line.variant_id].available_on),
            reasons=reason_texts(visitor, line.reasons),
        )
        for line in inside.buyable
        for piece in (inside.pieces[line.variant_id],)
    ]
