"""Gifts for reaching a tier: each is a gift card, given once to each member who comes so far while the gift stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from luxe.kernel import clock, errors
from luxe.kernel.house import House
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.identity.contract import Port as IdentityPort
from luxe.services.membership.contract import Tier
from luxe.services.promotions.contract import GivenGift, TierGift, TierGiftGiven
from luxe.services.promotions.service.gifts import Gifts
from luxe.services.promotions.store import tier_gifts
from luxe.services.promotions.store.tier_gifts import Given

TIERS: tuple[str, ...] = get_args(Tier)


class TierGifts(Gifts):
    def __init__(self, house: House) -> None:
        super().__init__(house)
        self._identity = house.port(IdentityPort)
        self._base_currency = house.settings.base_currency

    async def make_tier_gift(
        self, *, key: str, tier: str, name: str, amounts: list[Money], operator_id: str
    ) -> TierGift:
        """Raises `gift_invalid`, `gift_reused`."""
        name = name.strip()
        currencies = {amount.currency for amount in amounts}
        if tier not in TIERS or not (key and name and operator_id):
            raise errors.BadRequest("a gift has a tier and a name", code="gift_invalid")
        if self._base_currency not in currencies or len(currencies) != len(amounts):
            raise errors.BadRequest(
                "one amount for each currency, the house's own among them", code="gift_invalid"
            )
        if any(amount.minor <= 0 for amount in amounts):
            raise errors.BadRequest("an amount above nothing", code="gift_invalid")
        made = TierGift(
            id=new_id("tgf"),
            tier=tier,
            name=name,
            amounts=amounts,
            given=0,
            created_by=operator_id,
            created_at=clock.now(),
        )
        await tier_gifts.add(self.db.tx, made, key)
        known = await tier_gifts.by_key(self.db.tx, operator_id, key)
        if (known.tier, known.name, known.amounts) != (tier, name, amounts):
            raise errors.Conflict("this key made another gift", code="gift_reused")
        if known.id == made.id:
            self.db.audit("promotions.tier_gift_made", made.id, tier=tier, name=name, amounts=amounts)
        return known

    async def tier_gifts(self) -> list[TierGift]:
        return await tier_gifts.listed(self.db.tx)

    async def end_tier_gift(self, *, gift_id: str, operator_id: str) -> TierGift:
        if await tier_gifts.end(self.db.tx, gift_id, operator_id, clock.now()):
            self.db.audit("promotions.tier_gift_ended", gift_id)
        found = await tier_gifts.one(self.db.tx, gift_id)
        if found is None:
            raise errors.NotFound("there is no such gift", code="gift_unknown")
        return found

    async def gifts_given_to(self, *, account_id: str) -> list[GivenGift]:
        return [self._seen(each) for each in await tier_gifts.given(self.db.tx, account_id=account_id)]

    async def gift_given(self, *, card_id: str) -> GivenGift:
        found = await tier_gifts.given(self.db.tx, card_id=card_id)
        if not found:
            raise errors.NotFound("there is no such gift card", code="gift_unknown")
        return self._seen(found[0])

    async def welcome(self, account_id: str, tier: str) -> None:
        """For a member who joins or renews in a tier: what stands for that tier."""
        await self._give_all(account_id, [tier])

    async def give_for_rise(self, account_id: str, before: str, after: str) -> None:
        """For a member who rises: what stands for each tier above `before`, up to `after`."""
        await self._give_all(account_id, TIERS[TIERS.index(before) + 1 : TIERS.index(after) + 1])

    async def _give_all(self, account_id: str, tiers: Sequence[str]) -> None:
        due = await tier_gifts.standing(self.db.tx, tiers, account_id) if tiers else []
        if due:
            currency = (await self._identity.account(account_id=account_id)).currency
            for gift in due:
                await self._give(gift, account_id, currency)

    async def _give(self, gift: TierGift, account_id: str, currency: str) -> None:
        amounts = {amount.currency: amount for amount in gift.amounts}
        card = await self.issue_gift_card(
            key=new_id("key"),
            amount=amounts.get(currency) or amounts[self._base_currency],
            reason=gift.name,
            operator_id=gift.id,
        )
        await tier_gifts.give(self.db.tx, gift.id, account_id, card.id, clock.now())
        self.db.emit(TierGiftGiven(card_id=card.id, gift_id=gift.id, account_id=account_id))

    def _seen(self, given: Given) -> GivenGift:
        return GivenGift(
            card_id=given.card_id,
            name=given.name,
            tier=given.tier,
            code=self._code(given.card_id),
            issued=given.issued,
            available=given.available,
            at=given.at,
        )
