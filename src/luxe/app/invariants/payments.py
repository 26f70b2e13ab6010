"""Invariants of payment intents."""

from __future__ import annotations

from luxe.app.invariants.forms import BALANCE, BETWEEN, CAPTURE, KEY, REFUNDS, Within

INVARIANTS = (
    Within(
        name="refunds never exceed captures",
        rule=REFUNDS,
        schemas=("payments",),
        checked="SELECT count(*) FROM payments.intents",
        broken="SELECT id, run, captured, refunded FROM payments.intents WHERE refunded > captured ORDER BY id",
    ),
    Within(
        name="captures never exceed what was authorised",
        rule=CAPTURE,
        schemas=("payments",),
        checked="SELECT count(*) FROM payments.intents",
        broken="SELECT id, run, amount, captured FROM payments.intents WHERE captured > amount ORDER BY id",
    ),
    Within(
        name="a run has one payment",
        rule=KEY,
        schemas=("payments",),
        checked="SELECT count(*) FROM payments.intents",
        broken="""
            SELECT run, count(*) AS intents FROM payments.intents GROUP BY run HAVING count(*) > 1 ORDER BY run""",
    ),
    Within(
        name="a payment stands as its history last says",
        rule=BALANCE,
        schemas=("payments",),
        checked="SELECT count(*) FROM payments.intents",
        broken="""
            WITH last AS (
                SELECT DISTINCT ON (intent_id) intent_id, state, captured, refunded FROM payments.history
                ORDER BY intent_id, seq DESC
            )
            SELECT id, run, intents.state, last.state AS last FROM payments.intents
            LEFT JOIN last ON last.intent_id = intents.id
            WHERE (intents.state, intents.captured, intents.refunded)
            IS DISTINCT FROM (last.state, last.captured, last.refunded) ORDER BY id""",
    ),
    Within(
        name="what is refunded is the sum of its refunds",
        rule=BALANCE,
        schemas=("payments",),
        checked="SELECT count(*) FROM payments.intents WHERE refunded > 0",
        broken="""
            WITH back AS (
                SELECT intent_id, sum(amount) AS amount FROM payments.movements
                WHERE kind = 'refund' AND state = 'succeeded' GROUP BY intent_id
            )
            SELECT id, run, refunded, coalesce(back.amount, 0) AS refunds FROM payments.intents
            LEFT JOIN back ON back.intent_id = intents.id
            WHERE refunded <> coalesce(back.amount, 0) ORDER BY id""",
    ),
    Within(
        name="refunds that are under way fit into the capture",
        rule=REFUNDS,
        schemas=("payments",),
        checked="SELECT count(*) FROM payments.movements WHERE kind = 'refund' AND state = 'pending'",
        broken="""
            SELECT intents.id, intents.run, captured, refunded, sum(movements.amount) AS pending
            FROM payments.movements JOIN payments.intents ON intents.id = movements.intent_id
            WHERE kind = 'refund' AND movements.state = 'pending'
            GROUP BY intents.id, intents.run, captured, refunded HAVING refunded + sum(movements.amount) > captured ORDER BY intents.id""",
    ),
    Within(
        name="a movement that waits for an answer is asked about",
        rule=BETWEEN,
        schemas=("payments",),
        checked="SELECT count(*) FROM payments.movements WHERE state = 'pending'",
        broken="""
            SELECT id, run, kind, state, ask_at FROM payments.movements
            WHERE state = 'pending'
                AND (ask_at IS NULL OR ask_at < CAST(:now AS timestamptz) - CAST(:patience AS interval)) ORDER BY id""",
    ),
    Within(
        name="a provider that owes an answer is asked for it",
        rule=BETWEEN,
        schemas=("payments",),
        checked="SELECT count(*) FROM payments.intents WHERE ask_at IS NOT NULL",
        broken="""
            SELECT id, run, state, ask_at FROM payments.intents
            WHERE ask_at < CAST(:now AS timestamptz) - CAST(:patience AS interval) ORDER BY id""",
    ),
)
