"""What has changed in a bag since its member last saw it: prices, stock, pieces that are sold no more."""

from __future__ import annotations

from luxe.kernel import i18n
from luxe.kernel.money import Money
from luxe.web.site import Site, Visitor
from luxe.web.storefront.contents import Contents


def price_text(visitor: Visitor, inside: Contents, variant_id: str) -> str | None:
    """The price that was seen and today's, if they differ. In another currency there is nothing to compare."""
    seen, now = _seen(inside).get(variant_id), _prices(inside).get(variant_id)
    if seen is None or now is None or seen == now or seen.currency != now.currency:
        return None
    return visitor.words.gettext("It was %(before)s when you last saw it, and is %(now)s now.") % {
        "before": i18n.format_money(seen, visitor.locale),
        "now": i18n.format_money(now, visitor.locale),
    }


def gone_text(visitor: Visitor, inside: Contents, variant_id: str) -> str:
    """Why a piece cannot be bought now: it is sold no more, others are buying the last of it, or it is sold."""
    _ = visitor.words.gettext
    piece, stock = inside.pieces.get(variant_id), inside.stock.get(variant_id)
    if piece is None or not piece.on_sale or variant_id in inside.quote.unpriced:
        return _("No longer sold in this house")
    if stock is not None and stock.held:
        return _("Somebody is buying the last piece at this moment. It may come free in a few minutes.")
    return _("Sold out")


def stock_text(visitor: Visitor, inside: Contents, variant_id: str, wanted: int) -> str | None:
    left = inside.left(variant_id)
    if wanted <= left:
        return None
    return visitor.words.ngettext("Only %(num)s is left.", "Only %(num)s are left.", left) % {
        "num": i18n.format_number(left, visitor.locale)
    }


def warnings(visitor: Visitor, inside: Contents) -> list[str]:
    """All of it, by piece, for whoever is about to pay."""
    wanted = {line.variant_id: line.quantity for line in inside.bag.lines}
    said: list[tuple[str, str | None]] = []
    for line in inside.buyable:
        said.append((line.variant_id, price_text(visitor, inside, line.variant_id)))
        said.append((line.variant_id, stock_text(visitor, inside, line.variant_id, wanted[line.variant_id])))
    said.extend((variant_id, gone_text(visitor, inside, variant_id)) for variant_id in inside.gone)
    return [f"{_name(visitor, inside, variant_id)}: {text}" for variant_id, text in said if text]


async def note_seen(site: Site, visitor: Visitor, inside: Contents) -> None:
    """Keeps the prices that this page shows, if they are news; most pages have none."""
    seen = _seen(inside)
    news = {each: price for each, price in _prices(inside).items() if seen.get(each) != price}
    if news:
        await site.bag.note_seen(account_id=visitor.id, prices=news)


def _name(visitor: Visitor, inside: Contents, variant_id: str) -> str:
    piece = inside.pieces.get(variant_id)
    return piece.title if piece else visitor.words.gettext("A piece that was withdrawn")


def _seen(inside: Contents) -> dict[str, Money | None]:
    return {line.variant_id: line.seen for line in inside.bag.lines}


def _prices(inside: Contents) -> dict[str, Money]:
    return {line.variant_id: line.unit for line in inside.buyable}
