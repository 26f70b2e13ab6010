"""Pictures and tiles of pieces as view models."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from luxe.kernel import i18n
from luxe.kernel.money import Money
from luxe.services.catalog.contract import Card, PictureView
from luxe.services.inventory.contract import Availability
from luxe.services.media.contract import WIDTHS
from luxe.services.pricing.contract import Price as PriceOf
from luxe.web.site import Site, Visitor
from luxe.web.views import Picture, Price, Source, Tile

_TYPES = (("avif", "image/avif"), ("webp", "image/webp"))


def picture_view(found: PictureView | None) -> Picture | None:
    """All widths up to the original's, smallest first, in AVIF, WebP and JPEG."""
    if found is None:
        return None
    widths = [width for width in WIDTHS if width <= found.width] or [WIDTHS[0]]

    def srcset(ending: str) -> str:
        return ", ".join(f"{found.url}/{width}.{ending} {width}w" for width in widths)

    return Picture(
        src=f"{found.url}/{widths[len(widths) // 2]}.jpg",
        sources=[Source(type=type_, srcset=srcset(ending)) for ending, type_ in _TYPES],
        width=found.width,
        height=found.height,
        colour=found.colour,
        alt=found.alt,
    )


def price_view(visitor: Visitor, price: PriceOf | None) -> Price:
    """A piece without a price in the currency says so instead of converting one."""
    if price is None:
        return Price(text=visitor.words.gettext("Price on request"))
    before = price.lowest_30d or price.compare_at
    shown = i18n.format_money(before, visitor.locale) if before and before > price.price else None
    return Price(text=i18n.format_money(price.price, visitor.locale), before=shown)


def less_text(visitor: Visitor, amount: Money) -> str:
    """What is taken off, with its sign where the language has it."""
    return i18n.format_money(-amount, visitor.locale).replace("-", "−")


def total_price(visitor: Visitor, total: Money) -> Price:
    return Price(text=i18n.format_money(total, visitor.locale))


async def tiles(
    site: Site, visitor: Visitor, product_ids: Sequence[str], reasons: Sequence[str] = ()
) -> list[Tile]:
    """Tiles in the order given; three calls whatever their number."""
    if not product_ids:
        return []
    cards = await site.catalog.cards(product_ids=list(product_ids), locale=visitor.locale)
    variant_ids = [variant for card in cards for variant in card.variant_ids]
    prices, stock = await asyncio.gather(
        site.pricing.prices(variant_ids=variant_ids, currency=visitor.currency),
        site.inventory.availability(variant_ids=variant_ids),
    )
    by_variant = {price.variant_id: price for price in prices}
    left = {found.variant_id: found for found in stock}
    why = dict(zip(product_ids, reasons, strict=False))
    return [_tile(visitor, card, by_variant, left, why.get(card.id)) for card in cards]


def _tile(
    visitor: Visitor,
    card: Card,
    prices: dict[str, PriceOf],
    stock: dict[str, Availability],
    reason: str | None,
) -> Tile:
    offered = [prices[variant] for variant in card.variant_ids if variant in prices]
    lowest = min(offered, key=lambda price: price.price.minor, default=None)
    badges = []
    if sum(stock[variant].available for variant in card.variant_ids if variant in stock) == 1:
        badges.append("last")
    if card.has_model:
        badges.append("3d")
    pictures = [picture_view(found) for found in card.pictures[:2]]
    return Tile(
        url=f"/piece/{card.slug}",
        house=card.brand,
        name=card.title,
        price=price_view(visitor, lowest),
        picture=pictures[0] if pictures else None,
        second=pictures[1] if len(pictures) > 1 else None,
        badges=badges,
        reason=reason,
    )
