"""What an account has bought under a scheme for imports that counts by the year."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_DUTIABLE = text("""
SELECT COALESCE(SUM(worth - worth * back / GREATEST(paid, 1)), 0)::bigint AS minor
FROM (
    SELECT
        goods - discount + delivery - COALESCE((terms #>> '{tax_included,minor}')::bigint, 0) AS worth,
        payable + gift_worth AS paid,
        COALESCE((
            SELECT SUM(amount) FROM orders.refunds
            WHERE order_id = orders.orders.id AND kind = 'return' AND state = 'done'
        ), 0) AS back
    FROM orders.orders
    WHERE account_id = :account_id AND currency = :currency AND placed_at >= :since AND run <> :besides
        AND state <> 'cancelled' AND terms @> CAST(:scheme AS jsonb)
) AS bought
""")


async def dutiable(
    tx: AsyncConnection, *, account_id: str, currency: str, since: datetime, besides: str, scheme: str
) -> int:
    """In minor units: goods after discounts and delivery, without the taxes in them, of orders with a tax like `scheme`;
    less the part that came back of each."""
    given = {
        "account_id": account_id,
        "currency": currency,
        "since": since,
        "besides": besides,
        "scheme": scheme,
    }
    return (await tx.execute(_DUTIABLE, given)).scalar_one()
