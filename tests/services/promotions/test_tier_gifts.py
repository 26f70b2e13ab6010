"""Gifts for reaching a tier: each member once, however often a fact comes, and in the member's money."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.facts import fact_type
from luxe.kernel.money import Money
from luxe.services.identity.contract import Port as IdentityPort
from luxe.services.membership.contract import MembershipActivated, TierChanged
from luxe.services.promotions.contract import Gift, GiftBalance, Port, TierGift, TierGiftGiven
from tests.harness import Running, running
from tests.services.notifications.neighbours import hear, person

MEI, EVA, LI = "acc_mei", "acc_eva", "acc_li"
YEAR = datetime(2027, 11, 23, tzinfo=UTC)
AMOUNTS = [Money(50_000, "CNY"), Money(6_000, "EUR")]


class People:
    """Mei pays in yuan, Eva in euros, everybody else in dollars."""

    async def account(self, *, account_id: str) -> Any:
        return person(account_id, currency={MEI: "CNY", EVA: "EUR"}.get(account_id, "USD"))


@pytest.fixture
async def house(binding: str) -> AsyncIterator[Running]:
    async with running("promotions", binding=binding, stubs={IdentityPort: People()}) as house:
        yield house


@pytest.fixture
def promotions(house: Running) -> Port:
    return house.port(Port)


def joined(account_id: str, tier: str = "silver") -> MembershipActivated:
    return MembershipActivated(account_id=account_id, tier=tier, number="1", until=YEAR, run="run_1")


def rose(account_id: str, before: str, after: str) -> TierChanged:
    return TierChanged(account_id=account_id, before=before, after=after)


async def made(promotions: Port, tier: str = "gold", name: str = "Welcome to gold", **other: Any) -> TierGift:
    values = {"key": name, "tier": tier, "name": name, "amounts": AMOUNTS, "operator_id": LI} | other
    return await promotions.make_tier_gift(**values)


async def given(promotions: Port, account_id: str) -> list[tuple[str, Money]]:
    found = await promotions.gifts_given_to(account_id=account_id)
    return [(each.name, each.available) for each in found]


async def told(house: Running) -> list[tuple[str, str]]:
    rows = await house.rows("promotions", "SELECT type, data FROM promotions.outbox ORDER BY seq")
    return [
        (row.data["account_id"], row.data["gift_id"]) for row in rows if row.type == fact_type(TierGiftGiven)
    ]


async def test_a_member_who_rises_is_given_it_once(house: Running, promotions: Port) -> None:
    gift = await made(promotions)
    await hear(house, rose(MEI, "silver", "gold"), times=3)
    await hear(house, rose(MEI, "gold", "silver"))
    await hear(house, rose(MEI, "silver", "gold"))
    assert await given(promotions, MEI) == [("Welcome to gold", Money(50_000, "CNY"))]
    assert [each.given for each in await promotions.tier_gifts()] == [1]
    assert await told(house) == [(MEI, gift.id)]


async def test_it_is_a_gift_card_that_pays(house: Running, promotions: Port) -> None:
    await made(promotions)
    await hear(house, rose(MEI, "silver", "gold"))
    (card,) = await promotions.gifts_given_to(account_id=MEI)
    assert await promotions.gift_card(account_id=MEI, code=card.code) == GiftBalance(available=card.issued)
    await promotions.hold(
        run="run_1",
        account_id=MEI,
        tier="gold",
        country="CN",
        currency="CNY",
        lines=[],
        codes=[],
        gifts=[Gift(code=card.code, amount=Money(20_000, "CNY"))],
    )
    await promotions.settle(run="run_1")
    seen = await promotions.gift_given(card_id=card.card_id)
    assert (seen.issued, seen.available, seen.tier) == (Money(50_000, "CNY"), Money(30_000, "CNY"), "gold")


async def test_a_leap_brings_the_gifts_of_both_tiers(house: Running, promotions: Port) -> None:
    await made(promotions, "silver", "For silver")
    await made(promotions, "gold", "For gold")
    await made(promotions, "black", "For black")
    await hear(house, rose(MEI, "silver", "black"))
    assert [name for name, _ in await given(promotions, MEI)] == ["For black", "For gold"]


async def test_joining_and_renewing_bring_those_of_the_tier_alone(house: Running, promotions: Port) -> None:
    await made(promotions, "silver", "For silver")
    await made(promotions, "gold", "For gold")
    await hear(house, joined(MEI))
    await hear(house, joined(MEI))
    await hear(house, joined(EVA, "gold"))
    assert await given(promotions, MEI) == [("For silver", Money(50_000, "CNY"))]
    assert await given(promotions, EVA) == [("For gold", Money(6_000, "EUR"))]


async def test_somebody_with_other_money_is_given_the_house_s(house: Running, promotions: Port) -> None:
    await made(promotions)
    await hear(house, rose("acc_joe", "silver", "gold"))
    assert await given(promotions, "acc_joe") == [("Welcome to gold", Money(50_000, "CNY"))]


async def test_nobody_is_given_it_on_the_way_down_or_after_its_end(house: Running, promotions: Port) -> None:
    gift = await made(promotions)
    await hear(house, rose(MEI, "black", "gold"))
    ended = await promotions.end_tier_gift(gift_id=gift.id, operator_id=LI)
    assert ended.ended_by == LI
    assert ended.ended_at is not None
    assert await promotions.end_tier_gift(gift_id=gift.id, operator_id=MEI) == ended
    await hear(house, rose(EVA, "silver", "gold"))
    assert (await given(promotions, MEI), await given(promotions, EVA)) == ([], [])
    assert await promotions.gift_cards() == await promotions.gift_cards(limit=1)
    assert (await promotions.gift_cards()).items == []


async def test_a_revoked_card_is_not_shown_and_not_given_again(house: Running, promotions: Port) -> None:
    await made(promotions)
    await hear(house, rose(MEI, "silver", "gold"))
    (card,) = await promotions.gifts_given_to(account_id=MEI)
    await promotions.revoke_gift_card(card_id=card.card_id, operator_id=LI)
    await hear(house, rose(MEI, "silver", "gold"))
    assert await given(promotions, MEI) == []
    assert len((await promotions.gift_cards()).items) == 1


async def test_the_same_key_makes_one(house: Running, promotions: Port) -> None:
    gift = await made(promotions)
    assert await made(promotions) == gift
    with pytest.raises(Refusal) as refused:
        await made(promotions, key="Welcome to gold", name="Another")
    assert refused.value.code == "gift_reused"
    assert await promotions.tier_gifts() == [gift]


@pytest.mark.parametrize(
    "wrong",
    [
        {"tier": "platinum"},
        {"name": "  "},
        {"key": ""},
        {"amounts": []},
        {"amounts": [Money(6_000, "EUR")]},
        {"amounts": [Money(1, "CNY"), Money(2, "CNY")]},
        {"amounts": [Money(0, "CNY")]},
    ],
)
async def test_a_gift_without_tier_name_or_amount_is_refused(promotions: Port, wrong: Any) -> None:
    with pytest.raises(Refusal) as refused:
        await made(promotions, **wrong)
    assert refused.value.code == "gift_invalid"
    assert await promotions.tier_gifts() == []


async def test_what_is_not_there_is_unknown(promotions: Port) -> None:
    for work in (
        promotions.end_tier_gift(gift_id="tgf_none", operator_id=LI),
        promotions.gift_given(card_id="gft_none"),
    ):
        with pytest.raises(Refusal) as refused:
            await work
        assert refused.value.code == "gift_unknown"
