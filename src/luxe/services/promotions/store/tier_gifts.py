"""What members are given for a tier, and who was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import RowMapping, Select, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.money import Money
from luxe.services.promotions.contract import TierGift
from luxe.services.promotions.tables import gift_card_ends, gift_cards, given_gifts, tier_gifts


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A given card, but for its code, which is not stored."""

    card_id: str
    account_id: str
    name: str
    tier: str
    issued: Money
    available: Money
    at: datetime


def _gifts() -> Select[tuple[object, ...]]:
    given = select(func.count()).where(given_gifts.c.gift_id == tier_gifts.c.id).scalar_subquery()
    return select(tier_gifts, given.label("given"))


def _gift(row: RowMapping) -> TierGift:
    values = {name: value for name, value in row.items() if name not in ("key", "amounts")}
    return TierGift(**values, amounts=msgspec.convert(row["amounts"], list[Money]))


async def add(tx: AsyncConnection, gift: TierGift, key: str) -> None:
    """Nothing, if this operator's key has made one already."""
    row = {name: value for name, value in msgspec.structs.asdict(gift).items() if name != "given"}
    row |= {"key": key, "amounts": msgspec.to_builtins(gift.amounts)}
    await tx.execute(upsert(tier_gifts).values(row).on_conflict_do_nothing())


async def by_key(tx: AsyncConnection, operator_id: str, key: str) -> TierGift:
    query = _gifts().where(tier_gifts.c.created_by == operator_id, tier_gifts.c.key == key)
    return _gift((await tx.execute(query)).mappings().one())


async def listed(tx: AsyncConnection) -> list[TierGift]:
    query = _gifts().order_by(tier_gifts.c.id.desc())
    return [_gift(row) for row in (await tx.execute(query)).mappings()]


async def one(tx: AsyncConnection, gift_id: str) -> TierGift | None:
    row = (await tx.execute(_gifts().where(tier_gifts.c.id == gift_id))).mappings().first()
    return None if row is None else _gift(row)


async def end(tx: AsyncConnection, gift_id: str, operator_id: str, at: datetime) -> bool:
    """False if it has ended already."""
    query = update(tier_gifts).where(tier_gifts.c.id == gift_id, tier_gifts.c.ended_at.is_(None))
    ended = query.values(ended_by=operator_id, ended_at=at).returning(tier_gifts.c.id)
    return (await tx.execute(ended)).first() is not None


async def standing(tx: AsyncConnection, tiers: Sequence[str], account_id: str) -> list[TierGift]:
    """Those for these tiers that still stand and this account has not been given, oldest first."""
    given = select(given_gifts.c.gift_id).where(given_gifts.c.account_id == account_id)
    query = _gifts().where(
        tier_gifts.c.tier.in_(tiers), tier_gifts.c.ended_at.is_(None), tier_gifts.c.id.not_in(given)
    )
    return [_gift(row) for row in (await tx.execute(query.order_by(tier_gifts.c.id))).mappings()]


async def give(tx: AsyncConnection, gift_id: str, account_id: str, card_id: str, at: datetime) -> None:
    """Raises IntegrityError if the account has it."""
    values = {"gift_id": gift_id, "account_id": account_id, "card_id": card_id, "at": at}
    await tx.execute(insert(given_gifts).values(values))


async def given(tx: AsyncConnection, *, account_id: str = "", card_id: str = "") -> list[Given]:
    """Of an account, newest first, without those that were revoked; or the one with this card."""
    query = (
        select(
            given_gifts.c.card_id,
            given_gifts.c.account_id,
            given_gifts.c.at,
            tier_gifts.c.name,
            tier_gifts.c.tier,
            gift_cards.c.currency,
            gift_cards.c.issued_minor,
            gift_cards.c.available_minor,
        )
        .join(tier_gifts, tier_gifts.c.id == given_gifts.c.gift_id)
        .join(gift_cards, gift_cards.c.id == given_gifts.c.card_id)
    )
    if card_id:
        query = query.where(given_gifts.c.card_id == card_id)
    else:
        ended = select(gift_card_ends.c.card_id)
        query = query.where(given_gifts.c.account_id == account_id, given_gifts.c.card_id.not_in(ended))
    rows = await tx.execute(query.order_by(given_gifts.c.card_id.desc()))
    return [
        Given(
            card_id=row.card_id,
            account_id=row.account_id,
            name=row.name,
            tier=row.tier,
            issued=Money(row.issued_minor, row.currency),
            available=Money(row.available_minor, row.currency),
            at=row.at,
        )
        for row in rows
    ]
