"""Brands over REST."""

from __future__ import annotations

import msgspec
from litestar import get

from luxe.kernel import context
from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.kernel.i18n import pick
from luxe.services.brands.contract import Port


class BrandItem(msgspec.Struct, frozen=True, kw_only=True):
    """A house, its story in the caller's language."""

    id: str
    slug: str
    name: str
    country: str
    founded: int | None
    story: str


class BrandList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[BrandItem]


@get("/v1/brands", tags=["Catalogue"], summary="List the houses", operation_id="listBrands")
async def list_brands(principal: Principal, house: House) -> BrandList:
    """Every house, by name."""
    require(principal, "member", "catalog:read")
    locale = context.current().locale
    found = await house.port(Port).brands()
    return BrandList(
        items=[
            BrandItem(
                id=brand.id,
                slug=brand.slug,
                name=brand.name,
                country=brand.country,
                founded=brand.founded,
                story=pick(brand.story, locale),
            )
            for brand in found
        ]
    )
