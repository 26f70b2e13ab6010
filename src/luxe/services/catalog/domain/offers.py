"""What a tile says of price and stock, out of its variants'."""

from __future__ import annotations

from collections.abc import Mapping

from luxe.services.catalog.contract import Card, Offer, VariantOffer


def offer(card: Card, exclusive: bool, offers: Mapping[str, VariantOffer]) -> Offer:
    """The lowest price among the variants that can be had, or among all if none can."""
    own = [offers[variant] for variant in card.variant_ids]
    priced = [(each.price.minor, each) for each in own if each.price is not None]
    to_be_had = [pair for pair in priced if pair[1].available]
    _, best = min(to_be_had or priced, key=lambda pair: pair[0], default=(0, None))
    return Offer(
        id=card.id,
        slug=card.slug,
        brand=card.brand,
        title=card.title,
        category=card.category,
        pictures=card.pictures,
        has_model=card.has_model,
        exclusive=exclusive,
        price=best.price if best else None,
        compare_at=best.compare_at if best else None,
        available=any(each.available for each in own),
    )
