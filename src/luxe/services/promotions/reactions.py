"""What others' facts mean to promotions."""

from __future__ import annotations

from luxe.services.membership.contract import MembershipActivated, TierChanged
from luxe.services.promotions.service import Promotions


async def welcome(service: Promotions, fact: MembershipActivated) -> None:
    await service.welcome(fact.account_id, fact.tier)


async def give(service: Promotions, fact: TierChanged) -> None:
    await service.give_for_rise(fact.account_id, fact.before, fact.after)
