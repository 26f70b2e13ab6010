"""What can go back of what was paid for an order, where each part of it goes, and which part points follow.

An order was paid by the payment provider and with gift cards, for goods, for delivery and for taxes added to both. What
goes back is taken from the provider first and from gift cards last; and from the goods, with the tax on them, before it
is taken from delivery. So the sums of all parts are exact however an order is refunded. What an edit gave back is not in
what the order costs any more, and is left out everywhere here.
"""

from __future__ import annotations

from collections.abc import Sequence

from luxe.kernel.money import Money
from luxe.services.orders.contract import OrderDraft, OrderState, Refund

REFUNDABLE: frozenset[OrderState] = frozenset(
    {"paid", "partly_shipped", "shipped", "delivered", "partly_returned"}
)
"""A part can be given back of an order that was paid and is not being cancelled."""


def left(draft: OrderDraft, refunds: Sequence[Refund]) -> Money:
    """What has neither gone back nor is about to."""
    return draft.paid - _sum(draft, [refund.amount for refund in refunds if refund.of_the_order])


def goods_and_tax(draft: OrderDraft) -> Money:
    """What was paid for goods, and the tax that was added to them."""
    taxes = [tax.amount for tax in draft.taxes if tax.variant_id and not tax.included]
    return min(draft.goods_paid + _sum(draft, taxes), draft.paid)


def goods_part(draft: OrderDraft, refunds: Sequence[Refund], amount: Money) -> Money:
    """How much of the next `amount` to go back was paid for goods, without tax: in proportion to what has gone back of
    both so far, rounded half to even, and all of it with the last of them."""
    goods, whole = draft.goods_paid, goods_and_tax(draft)
    earlier = [refund for refund in refunds if refund.of_the_order]
    so_far = _sum(draft, [refund.amount for refund in earlier]) + amount
    due = goods if so_far >= whole else goods.share(so_far.minor, whole.minor)
    part = due - _sum(draft, [refund.goods for refund in earlier])
    return max(min(part, amount), Money.zero(amount.currency))


def gift_part(draft: OrderDraft, refunds: Sequence[Refund], amount: Money) -> Money:
    """How much of the next `amount` to go back goes to gift cards: what the provider has not left to give."""
    by_provider = draft.payable - _sum(
        draft, [refund.by_provider for refund in refunds if refund.of_the_order]
    )
    return amount - min(amount, by_provider)


def _sum(draft: OrderDraft, amounts: Sequence[Money]) -> Money:
    return sum(amounts, Money.zero(draft.payable.currency))
