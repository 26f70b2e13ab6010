"""The role `member` follows the membership."""

from __future__ import annotations

from luxe.services.identity.service import Identity
from luxe.services.membership.contract import MembershipActivated, MembershipLapsed


async def welcome_member(service: Identity, fact: MembershipActivated) -> None:
    await service.grant_role(account_id=fact.account_id, role="member", reason=f"membership {fact.number}")


async def part_from_member(service: Identity, fact: MembershipLapsed) -> None:
    await service.revoke_role(account_id=fact.account_id, role="member", reason="membership lapsed")
