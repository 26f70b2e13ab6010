"""Invariants of the points' ledger."""

from __future__ import annotations

from luxe.app.invariants.forms import BALANCE, ENTRIES, KEY, NOT_NEGATIVE, REFUNDS, Within

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
                UNION ALL SELECT 'member\\:' || account_id || '\\:owed', -owed FROM loyalty.balances
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
        broken="""
            SELECT account_id, available, held, owed FROM loyalty.balances
            WHERE available < 0 OR held < 0 OR owed < 0 ORDER BY account_id""",
    ),
    Within(
        name="whoever owes points has none available",
        rule=BALANCE,
        schemas=("loyalty",),
        checked="SELECT count(*) FROM loyalty.balances WHERE owed > 0",
        broken="SELECT account_id, available, owed FROM loyalty.balances WHERE owed > 0 AND available > 0 ORDER BY 1",
    ),
    Within(
        name="lots hold what is available and held",
        rule=BALANCE,
        schemas=("loyalty",),
        checked="SELECT count(*) FROM loyalty.lots",
        broken="""
            WITH kept AS (SELECT account_id, sum(remaining) AS lots FROM loyalty.lots GROUP BY account_id)
            SELECT account_id, available, held, lots FROM loyalty.balances FULL JOIN kept USING (account_id)
            WHERE coalesce(available + held, 0) <> coalesce(lots, 0) ORDER BY account_id""",
    ),
    Within(
        name="a lot holds the sum of its moves",
        rule=BALANCE,
        schemas=("loyalty",),
        checked="SELECT count(*) FROM loyalty.lots",
        broken="""
            WITH moved AS (SELECT lot_id AS id, sum(points) AS moved FROM loyalty.lot_moves GROUP BY lot_id)
            SELECT id, remaining, moved FROM loyalty.lots LEFT JOIN moved USING (id)
            WHERE remaining <> coalesce(moved, 0) ORDER BY id""",
    ),
    Within(
        name="a journal moves lots by what it moves the member's points",
        rule=BALANCE,
        schemas=("loyalty",),
        checked="SELECT count(*) FROM loyalty.lot_moves WHERE journal_id IS NOT NULL",
        broken="""
            WITH moved AS (
                SELECT journal_id AS id, sum(points) AS moved FROM loyalty.lot_moves
                WHERE journal_id IS NOT NULL GROUP BY journal_id
            )
            SELECT id, kind, points, moved FROM loyalty.journals JOIN moved USING (id)
            WHERE points <> moved ORDER BY id""",
    ),
    Within(
        name="refunds reverse no more points than a run earned and spent",
        rule=REFUNDS,
        schemas=("loyalty",),
        checked="SELECT count(*) FROM loyalty.reversals",
        broken="""
            SELECT run, earned, redeemed, sum(taken_back) AS taken_back, sum(given_back) AS given_back
            FROM loyalty.reversals JOIN loyalty.sales USING (run) GROUP BY run, earned, redeemed
            HAVING sum(taken_back) > earned OR sum(given_back) > redeemed ORDER BY run""",
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
