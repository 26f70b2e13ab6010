"""Every query of pricing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, Row, Select, Text, and_, any_, bindparam, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.pricing.domain import REDUCTION_WINDOW_DAYS
from luxe.services.pricing.tables import prices


async def in_force(
    tx: AsyncConnection, variant_ids: Sequence[str], *, currency: str = "", lock: bool = False
) -> Sequence[Row[Any]]:
    """The prices in force of these variants, in one currency or in all, in one statement."""
    statement = select(prices).where(prices.c.variant_id.in_(variant_ids), prices.c.superseded_at.is_(None))
    if currency:
        statement = statement.where(prices.c.currency == currency)
    statement = statement.order_by(prices.c.variant_id, prices.c.currency)
    if lock:
        statement = statement.with_for_update()
    return (await tx.execute(statement)).all()


async def in_force_with_lowest(
    tx: AsyncConnection, variant_ids: Sequence[str], *, currency: str = ""
) -> Sequence[Row[Any]]:
    """As `in_force`, with the lowest price of the 30 days before each reduction as `lowest_30d`."""
    asked = {"variant_ids": list(variant_ids), "currency": currency}
    return (await tx.execute(_WITH_LOWEST, asked)).all()


def _with_lowest() -> Select[Any]:
    before = prices.alias("before")
    lowest = (
        select(func.min(before.c.minor))
        .where(
            before.c.variant_id == prices.c.variant_id,
            before.c.currency == prices.c.currency,
            before.c.superseded_at.is_not(None),
            before.c.superseded_at > prices.c.valid_from - timedelta(days=REDUCTION_WINDOW_DAYS),
            before.c.superseded_at <= prices.c.valid_from,
            prices.c.compare_at_minor > prices.c.minor,
        )
        .scalar_subquery()
        .label("lowest_30d")
    )
    currency = bindparam("currency", type_=Text)
    return (
        select(prices, lowest)
        .where(
            prices.c.variant_id == any_(bindparam("variant_ids", type_=ARRAY(Text))),
            prices.c.superseded_at.is_(None),
            or_(currency == "", prices.c.currency == currency),
        )
        .order_by(prices.c.variant_id, prices.c.currency)
    )


_WITH_LOWEST = _with_lowest()


async def supersede(tx: AsyncConnection, keys: Sequence[tuple[str, str]], at: datetime) -> None:
    """Ends the prices in force of these (variant, currency) pairs."""
    which = or_(
        *(and_(prices.c.variant_id == variant, prices.c.currency == currency) for variant, currency in keys)
    )
    await tx.execute(update(prices).where(which, prices.c.superseded_at.is_(None)).values(superseded_at=at))


async def add(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    await tx.execute(insert(prices), rows)
