"""Points by hand: small ones at once, large ones by two people, through both bindings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.loyalty.contract import Adjustment, Port
from tests.harness import Running, running
from tests.services.loyalty.books import MEI, assert_books_agree, earn, lines, owed, standing

LI, SUN = "acc_li", "acc_sun"


@pytest.fixture
async def house(binding: str) -> AsyncIterator[Running]:
    async with running("loyalty", binding=binding, four_eyes_above=1_000) as house:
        yield house


@pytest.fixture
def loyalty(house: Running) -> Port:
    return house.port(Port)


async def adjust(
    loyalty: Port, points: int, *, key: str = "k1", by: str = LI, reason: str = "late", of: str = MEI
) -> Adjustment:
    return await loyalty.adjust(key=key, account_id=of, points=points, reason=reason, operator_id=by)


async def decide(loyalty: Port, adjustment: Adjustment, by: str = SUN, approve: bool = True) -> Adjustment:
    return await loyalty.decide_adjustment(
        adjustment_id=adjustment.id, operator_id=by, approve=approve, note="seen"
    )


async def refused_code(work: object) -> str:
    with pytest.raises(Refusal) as refused:
        await work  # type: ignore[misc]
    return refused.value.code


async def test_a_small_adjustment_is_made_at_once(house: Running, loyalty: Port) -> None:
    made = await adjust(loyalty, 1_000)
    assert (made.state, made.proposed_by, made.decided_by) == ("made", LI, None)
    assert await standing(loyalty) == (1_000, 0)
    taken = await adjust(loyalty, -400, key="k2", by=SUN, reason="given twice")
    assert taken.state == "made"
    assert await lines(loyalty) == [("adjust", -400, 600), ("adjust", 1_000, 1_000)]
    audited = await house.rows("loyalty", "SELECT action, object_id, details FROM loyalty.audit ORDER BY seq")
    assert [(row.action, row.object_id, row.details["points"]) for row in audited] == [
        ("loyalty.adjusted", MEI, 1_000),
        ("loyalty.adjusted", MEI, -400),
    ]
    await assert_books_agree(house)


async def test_a_large_one_waits_for_a_second_operator(house: Running, loyalty: Port) -> None:
    proposed = await adjust(loyalty, 1_001)
    assert proposed.state == "pending"
    assert await standing(loyalty) == (0, 0)
    assert await refused_code(decide(loyalty, proposed, by=LI)) == "same_person"
    assert await refused_code(decide(loyalty, proposed, by=MEI)) == "own_points"
    assert await standing(loyalty) == (0, 0)
    assert [each.state for each in (await loyalty.adjustments()).items] == ["pending"]
    made = await decide(loyalty, proposed)
    assert (made.state, made.decided_by, made.note) == ("made", SUN, "seen")
    assert await standing(loyalty) == (1_001, 0)
    assert await decide(loyalty, proposed) == made
    assert await refused_code(decide(loyalty, proposed, approve=False)) == "adjustment_decided"
    assert await refused_code(decide(loyalty, proposed, by="acc_ada")) == "adjustment_decided"
    assert await standing(loyalty) == (1_001, 0)
    await assert_books_agree(house)


async def test_a_declined_one_moves_nothing(house: Running, loyalty: Port) -> None:
    declined = await decide(loyalty, await adjust(loyalty, 5_000), approve=False)
    assert declined.state == "declined"
    assert await standing(loyalty) == (0, 0)
    assert await lines(loyalty) == []
    actions = await house.rows("loyalty", "SELECT action FROM loyalty.audit ORDER BY seq")
    assert [row.action for row in actions] == ["loyalty.adjustment_proposed", "loyalty.adjustment_declined"]


async def test_many_small_ones_do_not_pass_for_a_large_one(loyalty: Port) -> None:
    try:
        at = datetime(2026, 3, 1, tzinfo=UTC)
        clock.replace_clock(lambda: at)
        states = [(await adjust(loyalty, 400, key=f"k{number}")).state for number in range(3)]
        assert states == ["made", "made", "pending"]
        assert (await adjust(loyalty, 400, key="k3", by=SUN)).state == "made"
        assert (await adjust(loyalty, 1_000, key="k4", of="acc_lin")).state == "made"
        clock.replace_clock(lambda: at + timedelta(days=1))
        assert (await adjust(loyalty, 1_000, key="k5")).state == "made"
    finally:
        clock.replace_clock(None)


async def test_the_same_key_adjusts_once(house: Running, loyalty: Port) -> None:
    made = await asyncio.gather(*[adjust(loyalty, 700) for _ in range(8)])
    assert len({each.id for each in made}) == 1
    assert await standing(loyalty) == (700, 0)
    assert await refused_code(adjust(loyalty, 701)) == "adjustment_reused"
    assert (await adjust(loyalty, 100, by=SUN)).state == "made"
    assert await standing(loyalty) == (800, 0)
    await assert_books_agree(house)


async def test_two_deciding_at_once_have_one_effect(house: Running, loyalty: Port) -> None:
    proposed = await adjust(loyalty, 2_000)
    answers = await asyncio.gather(
        decide(loyalty, proposed), decide(loyalty, proposed, by="acc_ada"), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Adjustment", "Conflict"]
    assert await standing(loyalty) == (2_000, 0)
    await assert_books_agree(house)


async def test_no_more_is_taken_than_is_there(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 100)
    assert await refused_code(adjust(loyalty, -101)) == "adjustment_short"
    proposed = await adjust(loyalty, -1_001)
    assert await refused_code(decide(loyalty, proposed)) == "adjustment_short"
    assert await standing(loyalty) == (100, 0)
    assert [each.state for each in (await loyalty.adjustments()).items] == ["pending"]


async def test_points_that_are_given_pay_what_is_owed(house: Running, loyalty: Port) -> None:
    await earn(loyalty, 100)
    await adjust(loyalty, -100)
    await loyalty.reverse(run="run_earn", key="r1", refunded=Money(10_000, "CNY"))
    assert await owed(loyalty) == 100
    await adjust(loyalty, 130, key="k2")
    assert (await standing(loyalty), await owed(loyalty)) == ((30, 0), 0)
    await assert_books_agree(house)


@pytest.mark.parametrize(("points", "reason", "key"), [(0, "late", "k"), (5, " ", "k"), (5, "late", "")])
async def test_an_adjustment_needs_points_a_reason_and_a_key(
    house: Running, loyalty: Port, points: int, reason: str, key: str
) -> None:
    assert await refused_code(adjust(loyalty, points, reason=reason, key=key)) == "adjustment_invalid"
    assert await refused_code(adjust(loyalty, 5, by=MEI)) == "own_points"
    assert await house.rows("loyalty", "SELECT * FROM loyalty.adjustments") == []


async def test_the_tables_refuse_a_decision_by_the_proposer(house: Running, loyalty: Port) -> None:
    proposed = await adjust(loyalty, 2_000)
    insert = """INSERT INTO loyalty.adjustment_decisions (adjustment_id, proposed_by, decided_by, approved, note, at)
                VALUES (:id, 'acc_li', 'acc_li', true, '', now())"""
    async with house.database("loyalty").engine.connect() as connection:
        with pytest.raises(IntegrityError, match="two_people"):
            await connection.execute(text(insert), {"id": proposed.id})


async def test_adjustments_are_listed_by_state_and_member_in_pages(loyalty: Port) -> None:
    made = [await adjust(loyalty, 10, key=f"a{number}") for number in range(3)]
    pending = await adjust(loyalty, 9_000, key="b", of="acc_lin")
    assert [each.id for each in (await loyalty.adjustments(state="pending")).items] == [pending.id]
    first = await loyalty.adjustments(account_id=MEI, limit=2)
    second = await loyalty.adjustments(account_id=MEI, limit=2, cursor=first.next or "")
    assert [each.id for each in [*first.items, *second.items]] == [each.id for each in reversed(made)]
    assert second.next is None


async def test_operators_adjust_and_decide_over_rest(house: Running) -> None:
    li = house.sign_in_as("operator", subject=LI)
    sun = house.sign_in_as("approver", subject=SUN)
    body = {"account_id": MEI, "points": 5_000, "reason": "a watch came back"}
    answers = [
        await house.rest.post("/v1/points/adjustments", json=body, headers=li | {"idempotency-key": "a"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    proposed = answers[0].json()
    assert answers[1].json() == proposed
    path = f"/v1/points/adjustments/{proposed['id']}/decision"
    own = await house.rest.post(path, json={"approve": True}, headers=li | {"idempotency-key": "b"})
    assert (own.status_code, own.json()["code"]) == (403, "same_person")
    approved = await house.rest.post(path, json={"approve": True}, headers=sun | {"idempotency-key": "c"})
    assert (approved.status_code, approved.json()["state"]) == (200, "made")
    seen = await house.rest.get(f"/v1/points/accounts/{MEI}", headers=li)
    assert seen.json()["available"] == 5_000
    stranger = house.sign_in_as("member", subject=MEI)
    assert (await house.rest.get("/v1/points/adjustments", headers=stranger)).status_code == 403
