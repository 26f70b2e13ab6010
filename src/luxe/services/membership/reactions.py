"""What others' facts mean to membership."""

from __future__ import annotations

from luxe.services.identity.contract import AccountRegistered
from luxe.services.membership.service import Membership
from luxe.services.orders.contract import OrderCancelled, OrderPaid, OrderRefunded


async def use_place(service: Membership, fact: AccountRegistered) -> None:
    await service.give_place(place_id=fact.place, account_id=fact.account_id)


async def count_order(service: Membership, fact: OrderPaid) -> None:
    await service.count_spend(order_id=fact.order_id, account_id=fact.account_id, paid=fact.qualifying)


async def reverse_order(service: Membership, fact: OrderCancelled) -> None:
    await service.reverse_spend(order_id=fact.order_id, account_id=fact.account_id)


async def reduce_order(service: Membership, fact: OrderRefunded) -> None:
    """A cancelled order tells of its refund as well: then nothing of it is left, and it counts no more."""
    await service.reduce_spend(
        order_id=fact.order_id, account_id=fact.account_id, refund_id=fact.refund_id, back=fact.qualifying
    )
