"""Invariants of orders and of the units that they list."""

from __future__ import annotations

from luxe.app.invariants.forms import BALANCE, BETWEEN, KEY, REFUNDS, SERIAL, UNITS, Within

INVARIANTS = (
    Within(
        name="a serial number is in at most one live order",
        rule=SERIAL,
        schemas=("orders",),
        checked="SELECT count(*) FROM orders.sold_units",
        broken="""
            SELECT serial, count(DISTINCT order_id) AS orders FROM orders.sold_units
            JOIN orders.orders ON orders.id = sold_units.order_id AND orders.state NOT IN ('cancelled', 'returned')
            GROUP BY serial HAVING count(DISTINCT order_id) > 1 ORDER BY serial""",
    ),
    Within(
        name="a paid order has as many serial numbers as pieces",
        rule=UNITS,
        schemas=("orders",),
        checked="SELECT count(*) FROM orders.orders WHERE state = 'paid'",
        broken="""
            WITH pieces AS (
                SELECT id, run, sum((line ->> 'quantity')\\:\\:int) AS pieces
                FROM orders.orders, jsonb_array_elements(lines) AS line WHERE state = 'paid' GROUP BY id, run
            ), sold AS (SELECT order_id, count(*) AS sold FROM orders.sold_units GROUP BY order_id)
            SELECT id AS order_id, run, pieces, coalesce(sold, 0) AS serials FROM pieces LEFT JOIN sold ON order_id = id
            WHERE pieces <> coalesce(sold, 0) ORDER BY id""",
    ),
    Within(
        name="an order's sums add up",
        rule=BALANCE,
        schemas=("orders",),
        checked="SELECT count(*) FROM orders.orders",
        broken="""
            WITH sums AS (
                SELECT id, sum((line -> 'total' ->> 'minor')\\:\\:bigint) AS lines,
                    sum((
                        SELECT coalesce(sum((reason -> 'amount' ->> 'minor')\\:\\:bigint), 0)
                        FROM jsonb_array_elements(coalesce(line -> 'reasons', '[]')) AS reason
                    )) AS reasons
                FROM orders.orders, jsonb_array_elements(lines) AS line GROUP BY id
            )
            SELECT id AS order_id, run, payable, goods, discount, delivery, tax_added, points_worth, gift_worth,
                sums.lines AS lines, reasons
            FROM orders.orders LEFT JOIN sums USING (id)
            WHERE goods IS DISTINCT FROM sums.lines OR discount IS DISTINCT FROM reasons OR payable < 0
                OR payable <> goods - discount + delivery + tax_added - points_worth - gift_worth
            ORDER BY id""",
    ),
    Within(
        name="an order gives back no more than was paid for it",
        rule=REFUNDS,
        schemas=("orders",),
        checked="SELECT count(*) FROM orders.refunds WHERE state <> 'dropped'",
        broken="""
            WITH given AS (
                SELECT order_id, sum(amount) AS given, sum(gift) AS to_cards FROM orders.refunds
                WHERE state <> 'dropped' AND kind <> 'edit' GROUP BY order_id
            )
            SELECT order_id, given, to_cards, payable, gift_worth, state FROM given
            LEFT JOIN orders.orders ON id = order_id
            WHERE given - to_cards > coalesce(payable, 0) OR to_cards > coalesce(gift_worth, 0) OR state = 'placed'
            ORDER BY order_id""",
    ),
    Within(
        name="an edited order costs less by what its edits gave back",
        rule=BALANCE,
        schemas=("orders",),
        checked="SELECT count(*) FROM orders.refunds WHERE state <> 'dropped' AND kind = 'edit'",
        broken="""
            WITH edited AS (
                SELECT order_id, sum(amount) AS given, sum(gift) AS to_cards FROM orders.refunds
                WHERE state <> 'dropped' AND kind = 'edit' GROUP BY order_id
            ), bought AS (
                SELECT DISTINCT ON (order_id) order_id, (before -> 'payable' ->> 'minor')\\:\\:bigint AS payable,
                    coalesce((before -> 'gift_worth' ->> 'minor')\\:\\:bigint, 0) AS gift_worth
                FROM orders.line_edits JOIN orders.refunds USING (run, order_id)
                WHERE state <> 'dropped' ORDER BY order_id, line_edits.id
            )
            SELECT order_id, given, to_cards, bought.payable AS bought, bought.gift_worth AS by_cards,
                orders.payable, orders.gift_worth
            FROM edited LEFT JOIN bought USING (order_id) LEFT JOIN orders.orders ON orders.id = order_id
            WHERE bought.payable - (given - to_cards) IS DISTINCT FROM orders.payable
                OR bought.gift_worth - to_cards IS DISTINCT FROM orders.gift_worth
            ORDER BY order_id""",
    ),
    Within(
        name="no refund is set aside for a run that has ended",
        rule=BETWEEN,
        schemas=("orders",),
        checked="SELECT count(*) FROM orders.refunds WHERE state = 'pending'",
        broken="SELECT run, order_id, amount, at FROM orders.refunds WHERE state = 'pending' ORDER BY run",
        at_rest=True,
    ),
    Within(
        name="a run has one order",
        rule=KEY,
        schemas=("orders",),
        checked="SELECT count(*) FROM orders.orders",
        broken="SELECT run, count(*) AS orders FROM orders.orders GROUP BY run HAVING count(*) > 1 ORDER BY run",
    ),
    Within(
        name="no order waits for a run that has ended",
        rule=BETWEEN,
        schemas=("orders",),
        checked="SELECT count(*) FROM orders.orders WHERE state = 'placed'",
        broken="SELECT id AS order_id, run, placed_at FROM orders.orders WHERE state = 'placed' ORDER BY id",
        at_rest=True,
    ),
    Within(
        name="invoices and credit notes are numbered without a gap",
        rule=BALANCE,
        schemas=("orders",),
        checked="SELECT count(*) FROM orders.bills",
        broken="""
            WITH issued AS (
                SELECT series, year, count(*) AS bills, max(place) AS last FROM orders.bills GROUP BY series, year
            )
            SELECT series, year, given, bills, last FROM orders.bill_numbers FULL JOIN issued USING (series, year)
            WHERE given IS DISTINCT FROM bills OR given IS DISTINCT FROM last ORDER BY series, year""",
    ),
    Within(
        name="an order is credited with no more than was invoiced",
        rule=REFUNDS,
        schemas=("orders",),
        checked="SELECT count(DISTINCT order_id) FROM orders.bills",
        broken="""
            WITH sums AS (
                SELECT order_id, coalesce(sum(total) FILTER (WHERE kind = 'invoice'), 0) AS invoiced,
                    coalesce(sum(total) FILTER (WHERE kind = 'credit_note'), 0) AS credited
                FROM (
                    SELECT order_id, kind, (content -> 'total' ->> 'minor')\\:\\:bigint AS total FROM orders.bills
                ) AS bill GROUP BY order_id
            )
            SELECT order_id, invoiced, credited FROM sums WHERE credited > invoiced ORDER BY order_id""",
    ),
)
