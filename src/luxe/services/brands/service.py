"""The use cases of brands."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row

from luxe.kernel import clock
from luxe.kernel.errors import Conflict, NotFound
from luxe.kernel.house import House
from luxe.kernel.ids import new_id
from luxe.services.brands import domain, store
from luxe.services.brands.contract import AgreementDraft, Brand, BrandChanged, BrandDraft


def _brand(row: Row[Any]) -> Brand:
    return Brand(
        id=row.id,
        slug=row.slug,
        name=row.name,
        country=row.country,
        founded=row.founded,
        story=row.story,
        supplied=row.supplied,
    )


class Brands:
    """Implements the Port."""

    def __init__(self, house: House) -> None:
        self.db = house.database("brands")

    async def put_brand(self, *, brand: BrandDraft) -> Brand:
        domain.check_brand(brand)
        today = clock.now().date()
        row = {
            "slug": brand.slug,
            "name": brand.name.strip(),
            "name_key": domain.name_key(brand.name),
            "country": brand.country,
            "founded": brand.founded,
            "story": brand.story,
        }
        same_name = [
            found
            for found in await store.find(self.db.tx, today, key=row["name_key"])
            if found.slug != brand.slug
        ]
        if same_name:
            raise Conflict("another brand has this name", code="brand_name_taken")
        found = await store.find(self.db.tx, today, slug=brand.slug)
        if not found:
            fresh = {"id": new_id("brand"), **row}
            if await store.insert_if_new(self.db.tx, fresh):
                self._say("brands.made", fresh["id"])
            return _brand((await store.find(self.db.tx, today, slug=brand.slug))[0])
        old = found[0]._mapping
        if all(old[name] == value for name, value in row.items()):
            return _brand(found[0])
        await store.replace(self.db.tx, old["id"], row)
        self._say("brands.changed", old["id"])
        return _brand((await store.find(self.db.tx, today, slug=brand.slug))[0])

    async def brand_for_vendor(self, *, name: str) -> Brand:
        today = clock.now().date()
        key = domain.name_key(name)
        if not key:
            raise NotFound("a vendor without a name is no brand", code="brand_unknown")
        found = await store.find(self.db.tx, today, key=key)
        if found:
            return _brand(found[0])
        draft = BrandDraft(slug=await self._free_slug(domain.slug_for(name)), name=name.strip())
        return await self.put_brand(brand=draft)

    async def put_agreement(self, *, brand_id: str, agreement: AgreementDraft) -> None:
        domain.check_agreement(agreement)
        await self._known(brand_id)
        terms = msgspec.structs.asdict(agreement)
        old = await store.agreement(self.db.tx, brand_id, agreement.reference)
        if old is not None and all(old._mapping[name] == value for name, value in terms.items()):
            return
        await store.put_agreement(self.db.tx, {"id": new_id("agr"), "brand_id": brand_id, **terms})
        self.db.audit("brands.agreement_put", brand_id, reference=agreement.reference)
        self.db.emit(BrandChanged(brand_id=brand_id))

    async def brands(self, *, brand_ids: list[str] | None = None) -> list[Brand]:
        return [_brand(row) for row in await store.find(self.db.tx, clock.now().date(), ids=brand_ids)]

    async def may_sell(self, *, brand_id: str, territory: str = "*") -> bool:
        await self._known(brand_id)
        today = clock.now().date()
        return any(
            domain.in_force(row.valid_from, row.valid_until, today)
            and domain.covers(row.territories, territory)
            for row in await store.agreements_of(self.db.tx, brand_id)
        )

    async def _known(self, brand_id: str) -> None:
        if not await store.find(self.db.tx, clock.now().date(), ids=[brand_id]):
            raise NotFound("no such brand", code="brand_unknown")

    async def _free_slug(self, wanted: str) -> str:
        taken = await store.taken_slugs(self.db.tx, wanted)
        number, slug = 1, wanted
        while slug in taken:
            number += 1
            slug = f"{wanted}-{number}"
        return slug

    def _say(self, action: str, brand_id: str) -> None:
        self.db.audit(action, brand_id)
        self.db.emit(BrandChanged(brand_id=brand_id))
