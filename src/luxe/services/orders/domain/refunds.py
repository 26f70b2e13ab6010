"""What can go back of an order's payment, and which part of it points follow.

The payment was for goods and for delivery. What goes back is taken from the goods first and from delivery last, so that
the sums of both are exact however an order is refunded: all goods have gone back before any delivery has.
"""

from __future__ import annotations

from collections.abc import Sequence

from luxe.kernel.money import Money
from luxe.services.orders.contract import OrderDraft, OrderState, Refund

REFUNDABLE: frozenset[OrderState] = frozenset({"paid", "shipped", "delivered", "partly_returned"})
"""A part can be given back of an order that was paid and is not being cancelled."""


def goods_paid(draft: OrderDraft) -> Money:
    """What was paid for goods, net of points: what points were earned on."""
    return max(draft.payable - draft.delivery, Money.zero(draft.payable.currency))


def left(draft: OrderDraft, refunds: Sequence[Refund]) -> Money:
    """What has neither gone back nor is about to."""
    return draft.payable - _sum(draft, [refund.amount for refund in refunds])


def goods_part(draft: OrderDraft, refunds: Sequence[Refund], amount: Money) -> Money:
    """How much of the next `amount` to go back was paid for goods."""
    goods_left = goods_paid(draft) - _sum(draft, [refund.goods for refund in refunds])
    return min(amount, goods_left)


def _sum(draft: OrderDraft, amounts: Sequence[Money]) -> Money:
    return sum(amounts, Money.zero(draft.payable.currency))
