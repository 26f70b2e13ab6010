"""Invariants of the points' ledger."""

from __future__ import annotations

from luxe.app.invariants.forms import BALANCE, ENTRIES, KEY, NOT_NEGATIVE, Within

INVARIANTS = (
    Within(
        name="a journal's entries sum to zero",
        rule=ENTRIES,
        schemas=("loyalty",),
        checked="SELECT count(*) FROM loyalty.journals",
        broken="""
            SELECT journal_id, sum(points) AS sum FROM loyalty.entries
            GROUP BY journal_id HAVING sum(points) <> 0 ORDER BY journal_id""",
    ),
    Within(
        name="cached points are the sum of their entries",
        rule=BALANCE,
        schemas=("loyalty",),
        checked="SELECT count(*) FROM loyalty.balances",
        broken="""
            WITH cached AS (
                SELECT 'member\\:' || account_id || '\\:available' AS account, available AS cached FROM loyalty.balances
                UNION ALL SELECT 'member\\:' || account_id || '\\:held', held FROM loyalty.balances
            ), summed AS (
                SELECT account, sum(points) AS summed FROM loyalty.entries WHERE account LIKE 'member\\:%' GROUP BY account
            )
            SELECT account, cached, summed FROM cached FULL JOIN summed USING (account)
            WHERE coalesce(cached, 0) <> coalesce(summed, 0) ORDER BY account""",
    ),
    Within(
        name="no points are negative",
        rule=NOT_NEGATIVE,
        schemas=("loyalty",),
        checked="SELECT count(*) FROM loyalty.balances",
        broken="SELECT account_id, available, held FROM loyalty.balances WHERE available < 0 OR held < 0 ORDER BY 1",
    ),
    Within(
        name="held points are the sum of their holds",
        rule=BALANCE,
        schemas=("loyalty",),
        checked="SELECT count(*) FROM loyalty.holds",
        broken="""
            WITH sums AS (
                SELECT account_id, sum(points) AS holds FROM loyalty.holds WHERE state = 'held' GROUP BY account_id
            )
            SELECT account_id, held, holds FROM loyalty.balances FULL JOIN sums USING (account_id)
            WHERE coalesce(held, 0) <> coalesce(holds, 0) ORDER BY account_id""",
    ),
    Within(
        name="a run earns and redeems at most once",
        rule=KEY,
        schemas=("loyalty",),
        checked="SELECT count(*) FROM loyalty.journals WHERE run IS NOT NULL",
        broken="""
            SELECT run || ' ' || kind AS effect, count(*) AS times FROM loyalty.journals
            WHERE kind IN ('earn', 'redeem', 'hold', 'release') AND run IS NOT NULL
            GROUP BY run, kind HAVING count(*) > 1 ORDER BY 1""",
    ),
)
