"""Vouchers, their codes and uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import RowMapping, func, insert, literal_column, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from luxe.services.promotions.contract import Voucher, VoucherRules
from luxe.services.promotions.domain.vouchers import Offer
from luxe.services.promotions.tables import uses, voucher_codes, voucher_ends, vouchers

_OFFERS = text("""
SELECT c.digest, c.number, v.id, v.name, v.rules, e.revoked_at IS NOT NULL AS revoked,
    count(u.run) AS in_all,
    count(u.run) FILTER (WHERE u.account_id = :account_id) AS by_member,
    count(u.run) FILTER (WHERE u.number = c.number) AS by_code
FROM promotions.voucher_codes c JOIN promotions.vouchers v ON v.id = c.voucher_id
LEFT JOIN promotions.voucher_ends e ON e.voucher_id = v.id
LEFT JOIN promotions.uses u ON u.voucher_id = v.id
WHERE c.digest = ANY(:digests) GROUP BY c.digest, c.number, v.id, e.revoked_at
""")


def _all() -> Any:
    used = select(func.count()).select_from(uses).where(uses.c.voucher_id == vouchers.c.id).scalar_subquery()
    columns: list[Any] = [
        vouchers.c.id,
        vouchers.c.name,
        vouchers.c.rules,
        vouchers.c.codes,
        used.label("uses"),
        vouchers.c.created_by,
        vouchers.c.created_at,
        voucher_ends.c.revoked_by,
        voucher_ends.c.revoked_at,
    ]
    return select(*columns).outerjoin(voucher_ends, voucher_ends.c.voucher_id == vouchers.c.id)


def _voucher(row: RowMapping) -> Voucher:
    return Voucher(**{**row, "rules": msgspec.convert(row["rules"], VoucherRules)})


async def some(tx: AsyncConnection, ids: Sequence[str]) -> list[Voucher]:
    rows = (await tx.execute(_all().where(vouchers.c.id.in_(ids)))).mappings()
    return [_voucher(row) for row in rows]


async def make(tx: AsyncConnection, voucher: Voucher, key: str, digests: Sequence[str]) -> bool:
    """False where this operator's key has made one already."""
    values = {name: getattr(voucher, name) for name in ("id", "name", "codes", "created_by", "created_at")}
    values |= {"key": key, "rules": msgspec.to_builtins(voucher.rules)}
    fresh = upsert(vouchers).values(values).on_conflict_do_nothing().returning(vouchers.c.id)
    if (await tx.execute(fresh)).first() is None:
        return False
    codes = [
        {"digest": digest, "voucher_id": voucher.id, "number": number}
        for number, digest in enumerate(digests)
    ]
    await tx.execute(insert(voucher_codes), codes)
    return True


async def by_key(tx: AsyncConnection, operator_id: str, key: str) -> Voucher:
    query = _all().where(vouchers.c.created_by == operator_id, vouchers.c.key == key)
    return _voucher((await tx.execute(query)).mappings().one())


async def one(tx: AsyncConnection, voucher_id: str) -> Voucher | None:
    row = (await tx.execute(_all().where(vouchers.c.id == voucher_id))).mappings().first()
    return None if row is None else _voucher(row)


async def listed(tx: AsyncConnection, before: str, limit: int) -> list[Voucher]:
    query = _all().order_by(vouchers.c.id.desc()).limit(limit)
    if before:
        query = query.where(vouchers.c.id < before)
    return [_voucher(row) for row in (await tx.execute(query)).mappings()]


async def revoke(tx: AsyncConnection, voucher_id: str, operator_id: str, at: datetime) -> bool:
    """False if it is revoked already."""
    values = {"voucher_id": voucher_id, "revoked_by": operator_id, "revoked_at": at}
    fresh = upsert(voucher_ends).values(values).on_conflict_do_nothing().returning(literal_column("1"))
    return (await tx.execute(fresh)).first() is not None


async def lock(tx: AsyncConnection, digests: Sequence[str]) -> None:
    """Locks the vouchers that these codes open, so that their uses are counted one run after another."""
    opened = select(voucher_codes.c.voucher_id).where(voucher_codes.c.digest.in_(digests))
    await tx.execute(
        select(vouchers.c.id).where(vouchers.c.id.in_(opened)).order_by(vouchers.c.id).with_for_update()
    )


async def offers(tx: AsyncConnection, account_id: str, codes: Mapping[str, str]) -> list[Offer]:
    """What the codes open; `codes` is digest → code as typed. One statement."""
    rows = await tx.execute(_OFFERS, {"account_id": account_id, "digests": list(codes)})
    return [
        Offer(
            code=codes[row.digest],
            number=row.number,
            voucher_id=row.id,
            name=row.name,
            rules=msgspec.convert(row.rules, VoucherRules),
            revoked=row.revoked,
            by_member=row.by_member,
            by_code=row.by_code,
            in_all=row.in_all,
        )
        for row in rows
    ]
