"""Invariants of exchanges: what is kept of a payment, and what it is kept for."""

from __future__ import annotations

from luxe.app.invariants.forms import BETWEEN, PAID, UNITS, Within

INVARIANTS = (
    Within(
        name="what is kept of a payment is kept for a replacement that stands",
        rule=PAID,
        schemas=("orders",),
        checked="SELECT count(*) FROM orders.refunds WHERE state = 'kept'",
        broken="""
            SELECT refunds.run, refunds.order_id, amount, replacement_id, orders.state
            FROM orders.refunds LEFT JOIN orders.exchanges ON exchanges.run || ' kept' = refunds.run
            LEFT JOIN orders.orders ON orders.id = replacement_id
            WHERE refunds.state = 'kept' AND coalesce(orders.state, 'cancelled') IN ('cancelled', 'returned')
            ORDER BY refunds.run""",
    ),
    Within(
        name="a replacement is paid by what is kept for it and by its own payment",
        rule=PAID,
        schemas=("orders",),
        checked="SELECT count(*) FROM orders.exchanges WHERE replacement_id <> ''",
        broken="""
            SELECT exchanges.run, replacement_id, orders.goods, discount, payable, tax_added, refunds.state AS kept
            FROM orders.exchanges LEFT JOIN orders.orders ON orders.id = replacement_id
            LEFT JOIN orders.refunds ON refunds.run = exchanges.run || ' kept'
            WHERE replacement_id <> '' AND (
                orders.id IS NULL OR payable <> orders.goods - discount + tax_added
                OR (discount > 0 AND (refunds.state IS NULL OR refunds.state = 'dropped'))
            ) ORDER BY exchanges.run""",
    ),
    Within(
        name="a unit that was exchanged has its replacement",
        rule=UNITS,
        schemas=("orders",),
        checked="SELECT count(*) FROM orders.returns WHERE state = 'exchanged'",
        broken="""
            SELECT returns.id AS return_id, returns.run, replacement_id, orders.state
            FROM orders.returns LEFT JOIN orders.exchanges ON return_id = returns.id
            LEFT JOIN orders.orders ON orders.id = replacement_id
            WHERE returns.state = 'exchanged' AND orders.paid_at IS NULL ORDER BY returns.id""",
    ),
    Within(
        name="no exchange is left between two pieces",
        rule=BETWEEN,
        schemas=("orders",),
        checked="SELECT count(*) FROM orders.exchanges",
        broken="""
            SELECT exchanges.run, returns.state, replacement_id FROM orders.exchanges
            JOIN orders.returns ON returns.id = return_id
            WHERE replacement_id <> '' AND returns.state <> 'exchanged' ORDER BY exchanges.run""",
        at_rest=True,
    ),
)
