"""The use cases of pricing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from luxe.kernel import clock, context
from luxe.kernel.house import House
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.pricing import domain, store
from luxe.services.pricing.contract import Price, PriceChanged, PriceDraft, Quote, QuoteLine


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)


def _price(row: Row[Any]) -> Price:
    return Price(
        variant_id=row.variant_id,
        price=Money(row.minor, row.currency),
        compare_at=_money(row.compare_at_minor, row.currency),
        lowest_30d=_money(row.lowest_30d, row.currency),
        since=row.valid_from,
    )


class Pricing:
    """Implements the Port."""

    def __init__(self, house: House) -> None:
        self.db = house.database("pricing")

    async def put_prices(self, *, prices: list[PriceDraft]) -> int:
        for draft in prices:
            domain.check_draft(draft)
        wanted = {(draft.variant_id, draft.price.currency): draft for draft in prices}
        if not wanted:
            return 0
        found = await store.in_force(self.db.tx, sorted({variant for variant, _ in wanted}), lock=True)
        current = {(row.variant_id, row.currency): (row.minor, row.compare_at_minor) for row in found}
        changed = {
            key: draft
            for key, draft in sorted(wanted.items())
            if current.get(key) != (draft.price.minor, draft.compare_at.minor if draft.compare_at else None)
        }
        if not changed:
            return 0
        now = clock.now()
        replaced = [key for key in changed if key in current]
        if replaced:
            await store.supersede(self.db.tx, replaced, now)
        await store.add(self.db.tx, [self._row(draft, now) for draft in changed.values()])
        for variant_id, currency in changed:
            self.db.emit(PriceChanged(variant_id=variant_id, currency=currency))
            if (variant_id, currency) in current:
                was = current[variant_id, currency][0]
                self.db.audit(
                    "pricing.changed",
                    variant_id,
                    currency=currency,
                    was=was,
                    now=changed[variant_id, currency].price.minor,
                )
        return len(changed)

    async def prices(self, *, variant_ids: list[str], currency: str) -> list[Price]:
        domain.check_currency(currency)
        return [
            _price(row)
            for row in await store.in_force_with_lowest(self.db.tx, variant_ids, currency=currency)
        ]

    async def all_prices(self, *, variant_ids: list[str]) -> list[Price]:
        return [_price(row) for row in await store.in_force_with_lowest(self.db.tx, variant_ids)]

    async def quote(self, *, lines: list[QuoteLine], currency: str) -> Quote:
        priced = await self.prices(variant_ids=[line.variant_id for line in lines], currency=currency)
        return domain.quote(lines, {price.variant_id: price for price in priced}, currency)

    def _row(self, draft: PriceDraft, now: Any) -> dict[str, Any]:
        return {
            "id": new_id("price"),
            "variant_id": draft.variant_id,
            "currency": draft.price.currency,
            "minor": draft.price.minor,
            "compare_at_minor": draft.compare_at.minor if draft.compare_at else None,
            "valid_from": now,
            "superseded_at": None,
            "actor": context.current().actor,
        }
