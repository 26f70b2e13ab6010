"""What must be true of a house whenever nothing is under way, whatever happened before."""

from __future__ import annotations

from tests.journeys.opened import OpenHouse

_EMPTY = {
    "a journal's entries sum to zero": "SELECT journal_id FROM loyalty.entries GROUP BY journal_id HAVING sum(points) <> 0",
    "a cached balance is the sum of its entries": """
        SELECT balances.account_id FROM loyalty.balances LEFT JOIN loyalty.entries
        ON entries.account = 'member\\:' || balances.account_id || '\\:available'
        GROUP BY balances.account_id, balances.available HAVING coalesce(sum(entries.points), 0) <> balances.available""",
    "no points are negative": "SELECT account_id FROM loyalty.balances WHERE available < 0 OR held < 0",
    "a serial number is in at most one live order": """
        SELECT serial FROM orders.sold_units GROUP BY serial HAVING count(DISTINCT order_id) > 1""",
    "a sold unit's order is paid": """
        SELECT units.id FROM inventory.units LEFT JOIN orders.orders ON orders.id = units.order_id
        WHERE units.order_id IS NOT NULL AND orders.state IS DISTINCT FROM 'paid'""",
    "a paid order has as many sold units as pieces": """
        SELECT orders.id FROM orders.orders WHERE state = 'paid'
        AND (SELECT sum((line->>'quantity')::int) FROM jsonb_array_elements(orders.lines) AS line)
        <> (SELECT count(*) FROM inventory.units WHERE units.order_id = orders.id)""",
    "a paid order's payment is captured in full": """
        SELECT orders.id FROM orders.orders LEFT JOIN payments.intents ON intents.run = orders.run
        WHERE orders.state = 'paid' AND intents.captured IS DISTINCT FROM orders.payable""",
    "a captured payment has one paid order, or is returned": """
        SELECT intents.id FROM payments.intents LEFT JOIN orders.orders ON orders.run = intents.run
        WHERE intents.purpose = 'checkout' AND intents.captured > intents.refunded
        AND orders.state IS DISTINCT FROM 'paid'""",
    "refunds never exceed captures": "SELECT id FROM payments.intents WHERE refunded > captured",
    "no order waits unpaid": "SELECT id FROM orders.orders WHERE state = 'placed'",
    "no unit is held": "SELECT id FROM inventory.units WHERE held_until IS NOT NULL",
    "no run is under way or stuck": "SELECT id, state FROM checkout.runs WHERE state NOT IN ('done', 'refused')",
    "no points are held": "SELECT run FROM loyalty.holds WHERE state = 'held'",
}


def violations(house: OpenHouse) -> dict[str, int]:
    """Broken invariants by name, with how many rows break each; empty when all hold."""
    found = {name: len(house.rows(statement)) for name, statement in _EMPTY.items()}
    found["the PSP captured each intent at most once"] = _captured_twice(house)
    return {name: count for name, count in found.items() if count}


def _captured_twice(house: OpenHouse) -> int:
    captures = [
        each["intent"] for each in house.psp("GET", "/control/journal")["data"] if each["effect"] == "capture"
    ]
    return len(captures) - len(set(captures))
