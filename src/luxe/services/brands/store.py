"""Every query of brands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.brands.tables import agreements, brands


def _supplied(today: date) -> Any:
    return exists().where(
        agreements.c.brand_id == brands.c.id,
        agreements.c.valid_from <= today,
        agreements.c.valid_until >= today,
    )


async def find(
    tx: AsyncConnection, today: date, *, ids: Sequence[str] | None = None, slug: str = "", key: str = ""
) -> Sequence[Row[Any]]:
    """Brands with `supplied`, by name; narrowed by whichever of ids, slug and name key is given."""
    statement = select(brands, _supplied(today).label("supplied")).order_by(brands.c.name)
    if ids is not None:
        statement = statement.where(brands.c.id.in_(ids))
    if slug:
        statement = statement.where(brands.c.slug == slug)
    if key:
        statement = statement.where(brands.c.name_key == key)
    return (await tx.execute(statement)).all()


async def taken_slugs(tx: AsyncConnection, start: str) -> set[str]:
    """The slugs that begin with `start`."""
    found = await tx.execute(select(brands.c.slug).where(brands.c.slug.startswith(start, autoescape=True)))
    return set(found.scalars())


async def insert_if_new(tx: AsyncConnection, row: dict[str, Any]) -> bool:
    """False if a brand of this slug or name is there already."""
    made = await tx.execute(insert(brands).values(row).on_conflict_do_nothing().returning(brands.c.id))
    return made.first() is not None


async def replace(tx: AsyncConnection, brand_id: str, row: dict[str, Any]) -> None:
    await tx.execute(update(brands).where(brands.c.id == brand_id).values(row))


async def agreement(tx: AsyncConnection, brand_id: str, reference: str) -> Row[Any] | None:
    statement = select(agreements).where(
        agreements.c.brand_id == brand_id, agreements.c.reference == reference
    )
    return (await tx.execute(statement)).first()


async def put_agreement(tx: AsyncConnection, row: dict[str, Any]) -> None:
    changed = {name: value for name, value in row.items() if name not in ("id", "brand_id", "reference")}
    statement = insert(agreements).values(row)
    await tx.execute(statement.on_conflict_do_update(index_elements=["brand_id", "reference"], set_=changed))


async def agreements_of(tx: AsyncConnection, brand_id: str) -> Sequence[Row[Any]]:
    return (await tx.execute(select(agreements).where(agreements.c.brand_id == brand_id))).all()
