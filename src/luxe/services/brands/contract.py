"""The door of brands."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Protocol

import msgspec

from luxe.kernel.facts import Fact
from luxe.kernel.verbs import query


class BrandDraft(msgspec.Struct, frozen=True, kw_only=True):
    """`story` by locale; `country` ISO 3166-1 alpha-2 or empty."""

    slug: str
    name: str
    country: str = ""
    founded: int | None = None
    story: dict[str, str] = {}


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    slug: str
    name: str
    country: str
    founded: int | None
    story: dict[str, str]
    supplied: bool


class AgreementDraft(msgspec.Struct, frozen=True, kw_only=True):
    """`territories` ISO codes, or `*` for all. Dates inclusive."""

    reference: str
    valid_from: date
    valid_until: date
    territories: list[str]
    exclusive: bool = False


class BrandChanged(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "brand_id"
    brand_id: str


class Port(Protocol):
    """Refusals by code: `brand_unknown`, `slug_invalid`, `agreement_dates`."""

    async def put_brand(self, *, brand: BrandDraft) -> Brand:
        """Creates or replaces by slug; the same draft again changes nothing."""
        ...

    async def brand_for_vendor(self, *, name: str) -> Brand:
        """The brand whose name this is, made if there is none (what an import's `Vendor` becomes)."""
        ...

    async def put_agreement(self, *, brand_id: str, agreement: AgreementDraft) -> None: ...

    @query
    async def brands(self, *, brand_ids: list[str] | None = None) -> list[Brand]: ...

    @query
    async def may_sell(self, *, brand_id: str, territory: str = "*") -> bool:
        """Whether an agreement in force covers this brand now."""
        ...
