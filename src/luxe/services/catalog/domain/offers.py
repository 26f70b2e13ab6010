"""What a tile says of price and stock, out of its variants'."""

from __future__ import annotations

from collections.abc import Mapping

from luxe.services.catalog.contract import Card, Offer, ProductOffer, ProductView, VariantOffer
from luxe.services.pricing.contract import Price


def offer(card: Card, exclusive: bool, prices: Mapping[str, Price], available: Mapping[str, int]) -> Offer:
    """The lowest price among the variants that can be had, or among all if none can."""
    priced = [prices[variant] for variant in card.variant_ids if variant in prices]
    to_be_had = [price for price in priced if available.get(price.variant_id)]
    best = min(to_be_had or priced, key=lambda price: price.price.minor, default=None)
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
        available=any(available.get(variant) for variant in card.variant_ids),
    )


def product_offer(
    view: ProductView, prices: Mapping[str, Price], available: Mapping[str, int]
) -> ProductOffer:
    offers = []
    for variant in view.variants:
        price = prices.get(variant.id)
        offers.append(
            VariantOffer(
                variant_id=variant.id,
                price=price.price if price else None,
                compare_at=price.compare_at if price else None,
                lowest_30d=price.lowest_30d if price else None,
                available=available.get(variant.id, 0),
            )
        )
    return ProductOffer(product=view, offers=offers)
