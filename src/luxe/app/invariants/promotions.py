"""Invariants of vouchers and of the gift cards' ledger."""

from __future__ import annotations

from luxe.app.invariants.forms import BALANCE, ENTRIES, HOLDS, KEY, NOT_NEGATIVE, REFUNDS, Within

INVARIANTS = (
    Within(
        name="a gift journal's entries sum to zero in each currency",
        rule=ENTRIES,
        schemas=("promotions",),
        checked="SELECT count(*) FROM promotions.gift_journals",
        broken="""
            SELECT journal_id, currency, sum(amount_minor) AS sum FROM promotions.gift_entries
            GROUP BY journal_id, currency HAVING sum(amount_minor) <> 0 ORDER BY journal_id""",
    ),
    Within(
        name="what is on a gift card is the sum of its entries",
        rule=BALANCE,
        schemas=("promotions",),
        checked="SELECT count(*) FROM promotions.gift_cards",
        broken="""
            WITH kept AS (
                SELECT 'card\\:' || id || '\\:available' AS account, available_minor AS kept, currency
                FROM promotions.gift_cards
                UNION ALL SELECT 'card\\:' || id || '\\:held', held_minor, currency FROM promotions.gift_cards
            ), summed AS (
                SELECT account, currency, sum(amount_minor) AS summed FROM promotions.gift_entries
                WHERE account LIKE 'card\\:%' GROUP BY account, currency
            )
            SELECT account, currency, kept, summed FROM kept FULL JOIN summed USING (account, currency)
            WHERE coalesce(kept, 0) <> coalesce(summed, 0) ORDER BY account""",
    ),
    Within(
        name="no gift card is negative",
        rule=NOT_NEGATIVE,
        schemas=("promotions",),
        checked="SELECT count(*) FROM promotions.gift_cards",
        broken="""
            SELECT id, available_minor, held_minor FROM promotions.gift_cards
            WHERE available_minor < 0 OR held_minor < 0 ORDER BY id""",
    ),
    Within(
        name="what is held on a gift card is held by runs",
        rule=HOLDS,
        schemas=("promotions",),
        checked="SELECT count(*) FROM promotions.gift_uses",
        broken="""
            WITH sums AS (
                SELECT card_id AS id, sum(amount_minor) AS by_runs FROM promotions.gift_uses
                JOIN promotions.runs USING (run) WHERE state = 'held' GROUP BY card_id
            )
            SELECT id, held_minor, by_runs FROM promotions.gift_cards LEFT JOIN sums USING (id)
            WHERE held_minor <> coalesce(by_runs, 0) ORDER BY id""",
    ),
    Within(
        name="refunds give back no more than gift cards paid",
        rule=REFUNDS,
        schemas=("promotions",),
        checked="SELECT count(*) FROM promotions.gift_returns",
        broken="""
            WITH spent AS (
                SELECT run, sum(amount_minor) AS spent FROM promotions.gift_uses
                JOIN promotions.runs USING (run) WHERE state = 'settled' GROUP BY run
            ), given AS (SELECT run, sum(amount_minor) AS given FROM promotions.gift_returns GROUP BY run)
            SELECT run, given, spent FROM given LEFT JOIN spent USING (run)
            WHERE given > coalesce(spent, 0) ORDER BY run""",
    ),
    Within(
        name="no voucher is used more often than its caps say",
        rule=KEY,
        schemas=("promotions",),
        checked="SELECT count(*) FROM promotions.uses",
        broken="""
            WITH used AS (
                SELECT voucher_id, 'in_all' AS cap, count(*) AS times FROM promotions.uses GROUP BY voucher_id
                UNION ALL SELECT voucher_id, 'per_member', count(*) FROM promotions.uses GROUP BY voucher_id, account_id
                UNION ALL SELECT voucher_id, 'per_code', count(*) FROM promotions.uses GROUP BY voucher_id, number
            )
            SELECT voucher_id, cap, max(times) AS times FROM used JOIN promotions.vouchers ON id = voucher_id
            WHERE times > CAST(rules->>cap AS bigint) GROUP BY voucher_id, cap ORDER BY voucher_id, cap""",
    ),
)
