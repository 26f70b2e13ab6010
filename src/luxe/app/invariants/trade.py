"""Invariants between services: what was sold, to which order, for which money, and by which run."""

from __future__ import annotations

from luxe.app.invariants.forms import BETWEEN, CAPTURE, PAID, REFUNDS, SERIAL, Across, Row, Source

_ORDERS = Source(
    schemas=("orders",),
    rows="""
        SELECT run, id AS order_id, state, currency, paid_at, payable + coalesce((
            SELECT sum(amount - gift) FROM orders.refunds
            WHERE order_id = orders.id AND kind = 'edit' AND state <> 'dropped'
        ), 0) AS payable FROM orders.orders ORDER BY run COLLATE "C" """,
)
_INTENTS = Source(
    schemas=("payments",),
    rows="""
        SELECT run, id, state, currency, captured, refunded,
            wish = 'cancel' AND ask_at IS NOT NULL AND tries < 20 AS under_way FROM payments.intents
        WHERE purpose IN ('checkout', 'exchange') ORDER BY run COLLATE "C" """,
)
_SOLD = Source(
    schemas=("inventory",),
    rows="""
        SELECT serial, id, run, order_id FROM inventory.units WHERE order_id IS NOT NULL ORDER BY serial COLLATE "C" """,
)
_LISTED = Source(
    schemas=("orders",),
    rows="""
        SELECT serial, min(order_id) AS order_id, min(orders.run) AS run FROM orders.sold_units
        JOIN orders.orders ON orders.id = sold_units.order_id AND orders.state NOT IN ('cancelled', 'returned')
        GROUP BY serial ORDER BY serial COLLATE "C" """,
)
_RUNS = Source(schemas="sagas", rows='SELECT id AS run, state FROM "{schema}".runs ORDER BY id COLLATE "C"')
_HELD_UNITS = Source(
    schemas=("inventory",),
    rows="""
        SELECT run, count(*) AS units FROM inventory.units
        WHERE held_until IS NOT NULL GROUP BY run ORDER BY run COLLATE "C" """,
)
_HELD_POINTS = Source(
    schemas=("loyalty",),
    rows="SELECT run, points FROM loyalty.holds WHERE state = 'held' ORDER BY run COLLATE \"C\"",
)

_HELD_CODES = Source(
    schemas=("promotions",),
    rows="SELECT run FROM promotions.runs WHERE state = 'held' ORDER BY run COLLATE \"C\"",
)
_BY_CARD = Source(
    schemas=("orders",),
    rows="""
        SELECT run, order_id, gift_worth + edited AS gift_worth, paid_at, given FROM (
            SELECT orders.run, orders.id AS order_id, gift_worth, paid_at,
                coalesce(sum(gift) FILTER (WHERE refunds.state <> 'dropped' AND kind = 'edit'), 0) AS edited,
                coalesce(sum(gift) FILTER (WHERE refunds.state = 'done'), 0) AS given
            FROM orders.orders LEFT JOIN orders.refunds ON refunds.order_id = orders.id
            WHERE gift_worth > 0 OR orders.id IN (SELECT order_id FROM orders.refunds WHERE gift > 0)
            GROUP BY orders.run, orders.id, gift_worth, paid_at
        ) AS paid WHERE gift_worth + edited > 0 ORDER BY run COLLATE "C" """,
)
_SPENT = Source(
    schemas=("promotions",),
    rows="""
        SELECT run, sum(amount_minor) AS spent FROM promotions.gift_uses JOIN promotions.runs USING (run)
        WHERE state = 'settled' GROUP BY run ORDER BY run COLLATE "C" """,
)
_RETURNED = Source(
    schemas=("promotions",),
    rows="""
        SELECT run, sum(amount_minor) AS returned FROM promotions.gift_returns
        GROUP BY run ORDER BY run COLLATE "C" """,
)


def _kept_without_order(intent: Row | None, order: Row | None) -> str:
    if intent is None or intent["captured"] == intent["refunded"]:
        return ""
    kept = intent["captured"] - intent["refunded"]
    if order is None:
        return f"{kept} {intent['currency']} kept, and there is no order"
    if order["state"] in ("placed", "cancelled"):
        return f"{kept} {intent['currency']} kept, and the order is {order['state']}"
    return ""


def _paid_without_capture(order: Row | None, intent: Row | None) -> str:
    if order is None or order["paid_at"] is None or not order["payable"]:
        return ""
    captured = 0 if intent is None or intent["currency"] != order["currency"] else intent["captured"]
    if captured < order["payable"]:
        return f"{captured} of {order['payable']} {order['currency']} captured"
    return ""


def _sold_otherwise(unit: Row | None, listed: Row | None) -> str:
    if unit is None:
        return "listed in an order, and not sold"
    if listed is None:
        return "sold, and in no live order"
    return (
        "" if unit["order_id"] == listed["order_id"] else f"sold to {unit['order_id']}, and listed in another"
    )


def _held_for_nobody(hold: Row | None, run: Row | None) -> str:
    return "" if hold is None else f"held by a run that {'is ' + run['state'] if run else 'does not exist'}"


def _paid_otherwise(order: Row | None, cards: Row | None) -> str:
    paid = 0 if order is None or order["paid_at"] is None else order["gift_worth"]
    spent = 0 if cards is None else cards["spent"]
    return "" if paid == spent else f"{spent} spent from gift cards, and the paid order says {paid}"


def _returned_otherwise(order: Row | None, cards: Row | None) -> str:
    given = 0 if order is None else order["given"]
    returned = 0 if cards is None else cards["returned"]
    return "" if given == returned else f"{returned} came back to gift cards, and the order has given {given}"


INVARIANTS = (
    Across(
        name="a captured payment has one paid order, or was given back",
        rule=CAPTURE,
        left=_INTENTS,
        right=_ORDERS,
        broken=_kept_without_order,
    ),
    Across(
        name="a paid order's payment is captured",
        rule=PAID,
        left=_ORDERS,
        right=_INTENTS,
        broken=_paid_without_capture,
    ),
    Across(
        name="a unit is sold to the order that lists it",
        rule=SERIAL,
        left=_SOLD,
        right=_LISTED,
        broken=_sold_otherwise,
        both=True,
    ),
    Across(
        name="no unit is held for a run that has ended",
        rule=BETWEEN,
        left=_HELD_UNITS,
        right=_RUNS,
        broken=_held_for_nobody,
    ),
    Across(
        name="no points are held for a run that has ended",
        rule=BETWEEN,
        left=_HELD_POINTS,
        right=_RUNS,
        broken=_held_for_nobody,
    ),
    Across(
        name="no codes and gift cards are held for a run that has ended",
        rule=BETWEEN,
        left=_HELD_CODES,
        right=_RUNS,
        broken=_held_for_nobody,
    ),
    Across(
        name="what gift cards paid of an order was spent from them",
        rule=PAID,
        left=_BY_CARD,
        right=_SPENT,
        broken=_paid_otherwise,
        both=True,
    ),
    Across(
        name="what an order gave back to gift cards has come to them",
        rule=REFUNDS,
        left=_BY_CARD,
        right=_RETURNED,
        broken=_returned_otherwise,
        both=True,
    ),
)
