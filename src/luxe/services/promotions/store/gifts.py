"""Gift cards and their ledger. Whoever moves money on cards first locks their rows, in the order of their ids."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import RowMapping, insert, literal_column, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.promotions.contract import GiftCard
from luxe.services.promotions.domain.gifts import Part
from luxe.services.promotions.tables import (
    gift_card_ends,
    gift_cards,
    gift_entries,
    gift_journals,
    gift_returns,
    gift_uses,
)

_MOVE = text("""
UPDATE promotions.gift_cards SET available_minor = available_minor + :available, held_minor = held_minor + :held
WHERE id = :card_id
""")


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One journal: minor units of a card from one account to another, and what that makes of the card's balance."""

    card_id: str
    minor: int
    currency: str
    source: str
    target: str
    available: int = 0
    held: int = 0


class Returned(msgspec.Struct, frozen=True):
    minor: int
    same_key: Money | None


def _all() -> Any:
    return select(gift_cards, gift_card_ends.c.revoked_by, gift_card_ends.c.revoked_at).outerjoin(
        gift_card_ends, gift_card_ends.c.card_id == gift_cards.c.id
    )


def _card(row: RowMapping) -> GiftCard:
    currency = row["currency"]
    return GiftCard(
        id=row["id"],
        issued=Money(row["issued_minor"], currency),
        available=Money(row["available_minor"], currency),
        held=Money(row["held_minor"], currency),
        reason=row["reason"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        revoked_by=row["revoked_by"],
        revoked_at=row["revoked_at"],
    )


async def issue(tx: AsyncConnection, card: GiftCard, key: str, digest: str) -> bool:
    """An empty card; False where this operator's key has issued one already."""
    values = {
        "id": card.id,
        "digest": digest,
        "key": key,
        "currency": card.issued.currency,
        "issued_minor": card.issued.minor,
        "available_minor": 0,
        "held_minor": 0,
        "reason": card.reason,
        "created_by": card.created_by,
        "created_at": card.created_at,
    }
    fresh = upsert(gift_cards).values(values).on_conflict_do_nothing().returning(gift_cards.c.id)
    return (await tx.execute(fresh)).first() is not None


async def by_key(tx: AsyncConnection, operator_id: str, key: str) -> GiftCard:
    query = _all().where(gift_cards.c.created_by == operator_id, gift_cards.c.key == key)
    return _card((await tx.execute(query)).mappings().one())


async def one(tx: AsyncConnection, card_id: str) -> GiftCard | None:
    row = (await tx.execute(_all().where(gift_cards.c.id == card_id))).mappings().first()
    return None if row is None else _card(row)


async def listed(tx: AsyncConnection, before: str, limit: int) -> list[GiftCard]:
    query = _all().order_by(gift_cards.c.id.desc()).limit(limit)
    if before:
        query = query.where(gift_cards.c.id < before)
    return [_card(row) for row in (await tx.execute(query)).mappings()]


async def by_digest(tx: AsyncConnection, digest: str) -> GiftCard | None:
    row = (await tx.execute(_all().where(gift_cards.c.digest == digest))).mappings().first()
    return None if row is None else _card(row)


async def by_digests(tx: AsyncConnection, digests: Sequence[str]) -> dict[str, GiftCard]:
    rows = (await tx.execute(_all().where(gift_cards.c.digest.in_(digests)))).mappings().all()
    return {row["digest"]: _card(row) for row in rows}


async def lock(tx: AsyncConnection, digests: Sequence[str]) -> dict[str, GiftCard]:
    """Cards by digest, locked."""
    query = _all().where(gift_cards.c.digest.in_(digests)).order_by(gift_cards.c.id)
    rows = (await tx.execute(query.with_for_update(of=gift_cards))).mappings().all()
    return {row["digest"]: _card(row) for row in rows}


async def revoke(tx: AsyncConnection, card_id: str, operator_id: str, at: datetime) -> bool:
    """False if it is revoked already."""
    values = {"card_id": card_id, "revoked_by": operator_id, "revoked_at": at}
    fresh = upsert(gift_card_ends).values(values).on_conflict_do_nothing().returning(literal_column("1"))
    return (await tx.execute(fresh)).first() is not None


async def post(
    tx: AsyncConnection, kind: str, run: str | None, moves: Sequence[Move], at: datetime, actor: str
) -> None:
    """A journal with two entries for each move, and the balances after them, whose rows are locked in order."""
    journals, entries = [], []
    for move in sorted(moves, key=lambda move: move.card_id):
        journal_id = new_id("jrn")
        journals.append(
            {
                "id": journal_id,
                "kind": kind,
                "run": run,
                "card_id": move.card_id,
                "amount_minor": move.minor,
                "currency": move.currency,
                "at": at,
                "actor": actor,
            }
        )
        for account, minor in ((move.source, -move.minor), (move.target, move.minor)):
            entries.append(
                {
                    "journal_id": journal_id,
                    "account": account,
                    "amount_minor": minor,
                    "currency": move.currency,
                }
            )
    await tx.execute(insert(gift_journals), journals)
    await tx.execute(insert(gift_entries), entries)
    balances = [
        {"card_id": move.card_id, "available": move.available, "held": move.held}
        for move in sorted(moves, key=lambda move: move.card_id)
    ]
    await tx.execute(_MOVE, balances)


async def note_uses(tx: AsyncConnection, run: str, parts: Sequence[Part], currency: str) -> None:
    rows = [
        {
            "run": run,
            "card_id": part.card_id,
            "place": place,
            "amount_minor": part.minor,
            "currency": currency,
        }
        for place, part in enumerate(parts)
    ]
    await tx.execute(insert(gift_uses), rows)


async def uses_of(tx: AsyncConnection, run: str) -> tuple[list[Part], str]:
    """What a run took from which card, in the order in which the cards were given, and the currency."""
    query = select(gift_uses).where(gift_uses.c.run == run).order_by(gift_uses.c.place)
    rows = (await tx.execute(query)).all()
    return [Part(row.card_id, row.amount_minor) for row in rows], rows[0].currency if rows else ""


async def returned(tx: AsyncConnection, run: str, key: str) -> Returned:
    """What a run's refunds have given back in all, and by this key."""
    rows = (await tx.execute(select(gift_returns).where(gift_returns.c.run == run))).all()
    same = [Money(row.amount_minor, row.currency) for row in rows if row.key == key]
    return Returned(sum(row.amount_minor for row in rows), same[0] if same else None)


async def note_return(tx: AsyncConnection, **values: Any) -> None:
    await tx.execute(insert(gift_returns).values(values))
