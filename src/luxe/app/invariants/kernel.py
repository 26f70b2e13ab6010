"""Invariants that every schema has: facts leave, keys have their answers, runs are driven."""

from __future__ import annotations

from luxe.app.invariants.forms import BETWEEN, KEY, Within

INVARIANTS = (
    Within(
        name="facts leave their outbox",
        rule=BETWEEN,
        schemas="every",
        checked='SELECT count(*) FROM "{schema}".outbox',
        broken="""
            SELECT '{schema} ' || seq AS fact, id, type, object_id, at FROM "{schema}".outbox
            WHERE at < CAST(:now AS timestamptz) - CAST(:patience AS interval) ORDER BY seq""",
    ),
    Within(
        name="a fact is reacted to once",
        rule=KEY,
        schemas="every",
        checked='SELECT count(*) FROM "{schema}".inbox',
        broken="""
            SELECT '{schema} ' || fact_id AS fact, reaction, count(*) AS times FROM "{schema}".inbox
            GROUP BY fact_id, reaction HAVING count(*) > 1 ORDER BY fact_id, reaction""",
    ),
    Within(
        name="an idempotency key has one answer",
        rule=KEY,
        schemas="every",
        checked='SELECT count(*) FROM "{schema}".idempotency',
        broken="""
            SELECT '{schema} ' || key AS key, caller, route, count(*) AS answers FROM "{schema}".idempotency
            GROUP BY caller, route, key HAVING count(*) > 1 OR bool_or(status IS NULL) ORDER BY caller, route, key""",
    ),
    Within(
        name="a run that is under way is driven",
        rule=BETWEEN,
        schemas="sagas",
        checked="SELECT count(*) FROM \"{schema}\".runs WHERE state IN ('running', 'undoing')",
        broken="""
            SELECT id, '{schema}' AS saga, state, cursor, wake_at FROM "{schema}".runs
            WHERE state IN ('running', 'undoing') AND wake_at < CAST(:now AS timestamptz) - CAST(:patience AS interval)
            AND (lease_until IS NULL OR lease_until < CAST(:now AS timestamptz)) ORDER BY id""",
    ),
    Within(
        name="a key started one run",
        rule=KEY,
        schemas="sagas",
        checked='SELECT count(*) FROM "{schema}".runs',
        broken="""
            SELECT '{schema} ' || owner || ' ' || key AS key, count(*) AS runs FROM "{schema}".runs
            GROUP BY owner, key HAVING count(*) > 1 ORDER BY owner, key""",
    ),
    Within(
        name="no run is under way or stuck",
        rule=BETWEEN,
        schemas="sagas",
        checked='SELECT count(*) FROM "{schema}".runs',
        broken="""
            SELECT id, id AS run, '{schema}' AS saga, state FROM "{schema}".runs
            WHERE state IN ('running', 'undoing', 'stuck') ORDER BY id""",
        at_rest=True,
    ),
)
