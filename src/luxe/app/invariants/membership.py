"""Invariants of what counts towards a tier."""

from __future__ import annotations

from luxe.app.invariants.forms import BALANCE, Within

INVARIANTS = (
    Within(
        name="spend counts less what has gone back of it",
        rule=BALANCE,
        schemas=("membership",),
        checked="SELECT count(*) FROM membership.spend",
        broken="""
            WITH given AS (SELECT order_id, sum(minor) AS given FROM membership.spend_refunds GROUP BY order_id)
            SELECT order_id, paid_minor, refunded_minor, coalesce(given, 0) AS given, base_minor
            FROM membership.spend FULL JOIN given USING (order_id)
            WHERE refunded_minor IS DISTINCT FROM coalesce(given, 0)
                OR (paid_minor > 0 AND refunded_minor >= paid_minor AND base_minor <> 0) ORDER BY order_id""",
    ),
)
