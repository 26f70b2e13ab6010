"""The paid year and the tiers, through both bindings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.facts import Fact
from luxe.kernel.money import Money
from luxe.services.membership import domain, reactions
from luxe.services.membership.contract import MembershipActivated, MembershipLapsed, Port, TierChanged
from luxe.services.orders.contract import OrderCancelled, OrderPaid, OrderRefunded
from tests.harness import Running
from tests.services.membership.people import FEE, MEIS_FORM, approve, join

Later = Callable[[timedelta], datetime]


async def hear(house: Running, fact: Fact) -> None:
    handle = {
        OrderPaid: reactions.count_order,
        OrderCancelled: reactions.reverse_order,
        OrderRefunded: reactions.reduce_order,
    }[type(fact)]
    async with house.database("membership").transaction():
        await handle(house.service("membership"), fact)  # type: ignore[arg-type]


async def pay(house: Running, order_id: str, amount: Money, account_id: str = "acc_mei") -> None:
    paid = OrderPaid(
        order_id=order_id, account_id=account_id, number="LX-1", qualifying=amount, points_earned=0
    )
    await hear(house, paid)


async def cancel(house: Running, order_id: str) -> None:
    await hear(
        house, OrderCancelled(order_id=order_id, account_id="acc_mei", number="LX-1", reason="returned")
    )


async def refund(house: Running, order_id: str, refund_id: str, back: Money, kind: str = "goodwill") -> None:
    told = OrderRefunded(
        order_id=order_id, account_id="acc_mei", number="LX-1", refund_id=refund_id, kind=kind,
        amount=back + Money(5_000, back.currency), qualifying=back, points_back=0, points_taken=0,
    )  # fmt: skip
    await hear(house, told)


async def tier(membership: Port) -> tuple[str, int, int]:
    found = await membership.membership_of(account_id="acc_mei")
    assert found is not None
    return found.tier, found.pending.minor // 100, found.qualifying.minor // 100


async def moves(house: Running, kind: str) -> list[tuple[str, str, str]]:
    query = "SELECT before, after, reason FROM membership.moves WHERE kind = :kind ORDER BY seq"
    return [tuple(row) for row in await house.rows("membership", query, kind=kind)]


@pytest.mark.parametrize(
    ("currency", "fee"), [("CNY", 980_000), ("EUR", 125_000), ("USD", 136_000), ("JPY", 204_000)]
)
async def test_the_plan_of_a_market(membership: Port, currency: str, fee: int) -> None:
    plan = await membership.plan(currency=currency)
    assert (plan.fee, plan.months) == (Money(fee, currency), 12)


async def test_a_row_takes_the_place_of_a_price(house: Running, membership: Port) -> None:
    async with house.database("membership").engine.begin() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO membership.plans VALUES ('CHF', 130000, 12), ('CNY', 1, 6)"
        )
    assert (await membership.plan(currency="CHF")).fee == Money(130_000, "CHF")
    assert (await membership.plan(currency="CNY")).months == 6


async def test_a_currency_that_no_plan_is_sold_in(membership: Port) -> None:
    with pytest.raises(Refusal) as refused:
        await membership.plan(currency="KWD")
    assert refused.value.code == "currency_unsupported"


async def test_the_fee_is_due_once_approved(membership: Port) -> None:
    application = await membership.apply(account_id="acc_mei", form=MEIS_FORM)
    with pytest.raises(Refusal) as refused:
        await membership.fee_due(account_id="acc_mei", currency="CNY")
    assert refused.value.code == "not_approved"
    await membership.decide(application_id=application.id, approve=True, reason="", by="acc_operator")
    assert (await membership.fee_due(account_id="acc_mei", currency="CNY")).fee == FEE


async def test_a_membership_begins(house: Running, membership: Port, later: Later) -> None:
    now = later(timedelta())
    begun = await join(membership)
    assert (begun.tier, begun.state, begun.since, begun.until) == (
        "silver", "active", now, datetime(2027, 11, 22, 9, 30, tzinfo=UTC),
    )  # fmt: skip
    assert domain.member_number(int(begun.number[2:8])) == begun.number
    assert (begun.next_tier, begun.to_next, begun.qualifying) == (
        "gold",
        Money(30_000_000, "CNY"),
        Money(0, "CNY"),
    )
    assert (begun.points_multiplier_percent, [each.used for each in begun.benefits]) == (
        100,
        [0] * len(begun.benefits),
    )
    assert await membership.membership_of(account_id="acc_mei") == begun
    assert await house.facts(MembershipActivated) == [
        MembershipActivated(
            account_id="acc_mei", tier="silver", number=begun.number, until=begun.until, run="run_acc_mei"
        )
    ]
    assert await moves(house, "membership") == [("", "active", "fee paid")]
    assert await moves(house, "tier") == [("", "silver", "joined")]


async def test_one_run_activates_once(house: Running, membership: Port) -> None:
    await approve(membership)
    attempts = [membership.activate(run="run_1", account_id="acc_mei", fee=FEE) for _ in range(6)]
    memberships = await asyncio.gather(*attempts)
    assert len({(each.number, each.until) for each in memberships}) == 1
    assert len(await house.facts(MembershipActivated)) == 1
    assert await moves(house, "membership") == [("", "active", "fee paid")]


async def test_nobody_is_activated_without_approval(house: Running, membership: Port) -> None:
    with pytest.raises(Refusal) as refused:
        await membership.activate(run="run_1", account_id="acc_mei", fee=FEE)
    assert refused.value.code == "not_approved"
    assert await membership.membership_of(account_id="acc_mei") is None


async def test_a_renewal_goes_on_from_the_end(membership: Port, later: Later) -> None:
    later(timedelta())
    first = await join(membership)
    with pytest.raises(Refusal) as refused:
        await membership.fee_due(account_id="acc_mei", currency="CNY")
    assert refused.value.code == "already_member"
    later(timedelta(days=340))
    assert (await membership.fee_due(account_id="acc_mei", currency="CNY")).fee == FEE
    second = await membership.activate(run="run_2", account_id="acc_mei", fee=FEE)
    assert second.until == datetime(2028, 11, 22, 9, 30, tzinfo=UTC)
    assert (second.number, second.since) == (first.number, first.since)


async def test_a_membership_lapses_and_comes_back(house: Running, membership: Port, later: Later) -> None:
    later(timedelta())
    first = await join(membership)
    now = later(timedelta(days=365))
    found = await membership.membership_of(account_id="acc_mei")
    assert found is not None
    assert found.state == "lapsed"
    await house.run_jobs("membership")
    await house.run_jobs("membership")
    assert await house.facts(MembershipLapsed) == [MembershipLapsed(account_id="acc_mei")]
    now = later(timedelta(days=30))
    again = await membership.activate(run="run_2", account_id="acc_mei", fee=FEE)
    assert (again.state, again.number, again.until) == ("active", first.number, domain.months_later(now, 12))
    assert [(before, after) for before, after, _ in await moves(house, "membership")] == [
        ("", "active"), ("active", "lapsed"), ("lapsed", "active"),
    ]  # fmt: skip


async def test_spend_qualifies_after_the_return_window(
    house: Running, membership: Port, later: Later
) -> None:
    later(timedelta())
    await join(membership)
    await pay(house, "ord_1", Money(29_000_000, "CNY"))
    await pay(house, "ord_1", Money(29_000_000, "CNY"))
    await pay(house, "ord_2", Money(128_206, "EUR"))
    assert await tier(membership) == ("silver", 300_000, 0)
    later(timedelta(days=14) - timedelta(seconds=1))
    await house.run_jobs("membership")
    assert await tier(membership) == ("silver", 300_000, 0)
    later(timedelta(seconds=1))
    await house.run_jobs("membership")
    await house.run_jobs("membership")
    assert await tier(membership) == ("gold", 0, 300_000)
    found = await membership.membership_of(account_id="acc_mei")
    assert found is not None
    assert (found.next_tier, found.to_next) == ("black", Money(69_999_993, "CNY"))
    assert await house.facts(TierChanged) == [
        TierChanged(account_id="acc_mei", before="silver", after="gold")
    ]
    (rise,) = await house.rows("membership", "SELECT evidence FROM membership.moves WHERE after = 'gold'")
    assert rise.evidence == {
        "qualifying": {"minor": 30_000_007, "currency": "CNY"}, "orders": ["ord_1", "ord_2"],
    }  # fmt: skip


async def test_a_black_member_has_nowhere_to_rise(house: Running, membership: Port, later: Later) -> None:
    later(timedelta())
    await join(membership)
    await pay(house, "ord_1", Money(100_000_000, "CNY"))
    later(timedelta(days=14))
    await house.run_jobs("membership")
    found = await membership.membership_of(account_id="acc_mei")
    assert found is not None
    assert (found.tier, found.next_tier, found.to_next, found.points_multiplier_percent) == (
        "black",
        "",
        None,
        150,
    )
    assert len(found.benefits) == 12


async def test_spend_counts_for_a_year(house: Running, membership: Port, later: Later) -> None:
    later(timedelta())
    await join(membership)
    await pay(house, "ord_1", Money(30_000_000, "CNY"))
    later(timedelta(days=14))
    await house.run_jobs("membership")
    later(timedelta(days=350))
    assert await tier(membership) == ("gold", 0, 300_000)
    later(timedelta(days=1))
    assert await tier(membership) == ("gold", 0, 0)


async def test_a_cancelled_order_does_not_count(house: Running, membership: Port, later: Later) -> None:
    later(timedelta())
    await join(membership)
    await pay(house, "ord_1", Money(30_000_000, "CNY"))
    await cancel(house, "ord_1")
    await cancel(house, "ord_1")
    await cancel(house, "ord_2")
    await pay(house, "ord_2", Money(30_000_000, "CNY"))
    later(timedelta(days=14))
    await house.run_jobs("membership")
    assert await tier(membership) == ("silver", 0, 0)
    assert [move[:2] for move in await moves(house, "spend")] == [
        ("", "pending"), ("pending", "reversed"), ("", "reversed"),
    ]  # fmt: skip


async def test_a_rise_that_rested_on_a_cancelled_order_is_taken_back(
    house: Running, membership: Port, later: Later
) -> None:
    later(timedelta())
    await join(membership)
    await pay(house, "ord_1", Money(30_000_000, "CNY"))
    later(timedelta(days=14))
    await house.run_jobs("membership")
    await pay(house, "ord_2", Money(70_000_000, "CNY"))
    later(timedelta(days=14))
    await house.run_jobs("membership")
    assert await tier(membership) == ("black", 0, 1_000_000)
    await cancel(house, "ord_2")
    assert await tier(membership) == ("gold", 0, 300_000)
    await cancel(house, "ord_2")
    assert [(move.before, move.after) for move in await house.facts(TierChanged)] == [
        ("silver", "gold"), ("gold", "black"), ("black", "gold"),
    ]  # fmt: skip


async def test_what_is_given_back_of_an_order_no_longer_counts(
    house: Running, membership: Port, later: Later
) -> None:
    """Each refund once, in whatever order the facts come; a cancellation takes nothing twice."""
    later(timedelta())
    await join(membership)
    await pay(house, "ord_1", Money(30_000_000, "CNY"))
    for refund_id in ("rfd_1", "rfd_1", "rfd_2"):
        await refund(house, "ord_1", refund_id, Money(1_000_050, "CNY"))
    assert await tier(membership) == ("silver", 279_999, 0)
    await refund(house, "ord_2", "rfd_3", Money(100_000, "CNY"))
    await pay(house, "ord_2", Money(300_000, "CNY"))
    assert await tier(membership) == ("silver", 281_999, 0)
    await refund(house, "ord_2", "rfd_4", Money(200_000, "CNY"), kind="cancellation")
    await cancel(house, "ord_2")
    await refund(house, "ord_2", "rfd_4", Money(200_000, "CNY"), kind="cancellation")
    later(timedelta(days=14))
    await house.run_jobs("membership")
    assert await tier(membership) == ("silver", 0, 279_999)
    await refund(house, "ord_1", "rfd_5", Money(27_999_900, "CNY"))
    assert await tier(membership) == ("silver", 0, 0)


async def test_parts_given_back_in_another_currency_leave_no_rest(
    house: Running, membership: Port, later: Later
) -> None:
    later(timedelta())
    await join(membership)
    await pay(house, "ord_1", Money(100_001, "EUR"))
    for number in range(3):
        await refund(house, "ord_1", f"rfd_{number}", Money(33_333, "EUR"))
    rest = domain.in_currency(Money(2, "EUR"), "CNY", house.service("membership").rates)
    found = await membership.membership_of(account_id="acc_mei")
    assert (found and found.pending, rest and rest.minor) == (rest, 16)
    await refund(house, "ord_1", "rfd_9", Money(2, "EUR"))
    found = await membership.membership_of(account_id="acc_mei")
    assert found is not None
    assert found.pending == Money(0, "CNY")


async def test_a_tier_falls_with_the_refunds_of_the_order_that_raised_it(
    house: Running, membership: Port, later: Later
) -> None:
    """Step by step, to where the member stood before the order, and never below that."""
    later(timedelta())
    await join(membership)
    await pay(house, "ord_1", Money(100_000_000, "CNY"))
    later(timedelta(days=14))
    await house.run_jobs("membership")
    assert await tier(membership) == ("black", 0, 1_000_000)
    await refund(house, "ord_1", "rfd_1", Money(1, "CNY"))
    assert await tier(membership) == ("gold", 0, 999_999)
    await refund(house, "ord_1", "rfd_2", Money(69_999_999, "CNY"))
    assert await tier(membership) == ("gold", 0, 300_000)
    await refund(house, "ord_1", "rfd_3", Money(1, "CNY"))
    await refund(house, "ord_1", "rfd_3", Money(1, "CNY"))
    assert await tier(membership) == ("silver", 0, 299_999)
    assert [(move.before, move.after) for move in await house.facts(TierChanged)] == [
        ("silver", "black"), ("black", "gold"), ("gold", "silver"),
    ]  # fmt: skip


async def test_members_see_their_own_membership(house: Running, membership: Port) -> None:
    await join(membership)
    mine = await house.rest.get("/v1/membership", headers=house.sign_in_as("member", subject="acc_mei"))
    assert (mine.status_code, mine.json()["tier"]) == (200, "silver")
    other = await house.rest.get("/v1/membership", headers=house.sign_in_as(subject="acc_yan"))
    assert (other.status_code, other.json()["code"]) == (404, "membership_unknown")
    plan = await house.rest.get("/v1/membership/plan?currency=JPY", headers=house.sign_in_as())
    assert plan.json()["fee"] == {"minor": 204_000, "currency": "JPY"}
    assert (await house.rest.get("/v1/membership")).status_code == 401
    key = house.sign_in_as("member", subject="acc_mei", scopes=["points:read"])
    assert (await house.rest.get("/v1/membership", headers=key)).status_code == 403
