"""What the door of promotions promises of vouchers, through both bindings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy.exc import DBAPIError

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.promotions.contract import Evaluation, Line, Port, Voucher, VoucherRules
from tests.harness import Running, running

MEI, LI = "acc_mei", "acc_li"
BAG = Line(variant_id="bag", brand="ondevar", category="bags", total=Money(100_000, "CNY"))
WRONG = "0000-0000-0000"


@pytest.fixture
async def house(binding: str) -> AsyncIterator[Running]:
    async with running("promotions", binding=binding) as house:
        yield house


@pytest.fixture
def promotions(house: Running) -> Port:
    return house.port(Port)


def ten_percent(**rules: Any) -> VoucherRules:
    return msgspec.structs.replace(VoucherRules(percent=10), **rules)


async def make(
    promotions: Port, *, key: str = "k1", codes: int = 1, name: str = "Winter", **rules: Any
) -> tuple[Voucher, list[str]]:
    made = await promotions.make_voucher(
        key=key, name=name, rules=ten_percent(**rules), codes=codes, operator_id=LI
    )
    return made, await promotions.codes_of(voucher_id=made.id)


def purchase(*codes: str, account_id: str = MEI) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "tier": "gold",
        "country": "CN",
        "currency": "CNY",
        "lines": [BAG],
        "codes": list(codes),
    }


async def refusal_of(work: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await work
    return refused.value


async def uses(promotions: Port) -> int:
    return (await promotions.vouchers()).items[0].uses


async def test_a_code_takes_off_what_its_voucher_says(promotions: Port) -> None:
    made, (code,) = await make(promotions)
    found = await promotions.evaluate(**purchase(code.lower().replace("-", " ")))
    assert (found.total, found.rejected) == (Money(10_000, "CNY"), [])
    assert [(each.voucher_id, each.name) for each in found.discounts] == [(made.id, "Winter")]
    assert found.lines[0].after == Money(90_000, "CNY")
    assert await uses(promotions) == 0


async def test_no_codes_take_nothing_off(house: Running, promotions: Port) -> None:
    found = await promotions.evaluate(**purchase())
    assert (found.total, found.discounts, found.lines[0].after) == (Money(0, "CNY"), [], BAG.total)


async def test_making_again_with_the_key_makes_one(house: Running, promotions: Port) -> None:
    made = await asyncio.gather(*[make(promotions, codes=3) for _ in range(6)])
    assert len({each.id for each, _ in made}) == 1
    assert len({tuple(codes) for _, codes in made}) == 1
    refused = await refusal_of(make(promotions, name="Summer"))
    assert refused.code == "voucher_reused"
    (audited,) = await house.rows("promotions", "SELECT action, actor FROM promotions.audit")
    assert audited.action == "promotions.voucher_made"
    stored = await house.rows("promotions", "SELECT digest FROM promotions.voucher_codes")
    assert not {code for code, *_ in stored} & set(made[0][1])


async def test_every_invalid_code_gets_the_same_answer(promotions: Port) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    revoked, (once,) = await make(promotions)
    await promotions.revoke_voucher(voucher_id=revoked.id, operator_id=LI)
    _, (early,) = await make(promotions, key="k2", starts_at=at + timedelta(days=1))
    _, (late,) = await make(promotions, key="k3", ends_at=at)
    try:
        clock.replace_clock(lambda: at)
        found = await promotions.evaluate(**purchase(once, early, late, WRONG))
    finally:
        clock.replace_clock(None)
    assert {each.reason for each in found.rejected} == {"code_invalid"}
    assert (found.total, len(found.rejected)) == (Money(0, "CNY"), 4)


async def test_ten_wrong_codes_close_the_door_to_right_ones_too(house: Running, promotions: Port) -> None:
    _, (code,) = await make(promotions)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    try:
        clock.replace_clock(lambda: at)
        for _ in range(10):
            await promotions.evaluate(**purchase(WRONG))
        refused = await refusal_of(promotions.evaluate(**purchase(code)))
        assert (refused.code, refused.extra) == ("too_many_attempts", {"retry_after": 900})
        other = await promotions.evaluate(**purchase(code, account_id="acc_lin"))
        assert other.total == Money(10_000, "CNY")
        clock.replace_clock(lambda: at + timedelta(minutes=15))
        assert (await promotions.evaluate(**purchase(code))).total == Money(10_000, "CNY")
        await house.run_jobs("promotions")
    finally:
        clock.replace_clock(None)
    assert await house.rows("promotions", "SELECT * FROM promotions.wrong_codes") == []


async def test_a_run_holds_settles_and_counts_once(promotions: Port) -> None:
    _, (code,) = await make(promotions, in_all=1)
    held = await asyncio.gather(*[promotions.hold(run="run_1", **purchase(code)) for _ in range(6)])
    assert held == [held[0]] * 6
    assert (held[0].total, await uses(promotions)) == (Money(10_000, "CNY"), 1)
    refused = await refusal_of(promotions.hold(run="run_2", **purchase(code)))
    assert (refused.code, refused.extra["rejected"]) == (
        "code_rejected",
        [{"code": code, "reason": "used_up"}],
    )
    await promotions.settle(run="run_1")
    await promotions.settle(run="run_1")
    await promotions.release(run="run_1")
    assert await uses(promotions) == 1
    assert await promotions.hold(run="run_1", **purchase(code)) == held[0]


async def test_releasing_frees_the_use_and_only_of_its_run(promotions: Port) -> None:
    _, (code,) = await make(promotions, in_all=2)
    await promotions.hold(run="run_1", **purchase(code))
    await promotions.hold(run="run_2", **purchase(code))
    await promotions.release(run="run_1")
    await promotions.release(run="run_1")
    assert await uses(promotions) == 1
    assert (await refusal_of(promotions.hold(run="run_1", **purchase(code)))).code == "run_unknown"
    assert (await refusal_of(promotions.settle(run="run_1"))).code == "run_unknown"
    assert await uses(promotions) == 1


async def test_a_hold_that_arrives_after_its_release_is_refused(promotions: Port) -> None:
    _, (code,) = await make(promotions)
    await promotions.release(run="run_late")
    assert (await refusal_of(promotions.hold(run="run_late", **purchase(code)))).code == "run_unknown"
    assert await uses(promotions) == 0
    await promotions.settle(run="run_nobody")


async def test_holding_is_all_or_nothing(promotions: Port) -> None:
    _, (code,) = await make(promotions)
    refused = await refusal_of(promotions.hold(run="run_1", **purchase(code, WRONG)))
    assert (refused.code, refused.extra["rejected"]) == (
        "code_rejected",
        [{"code": WRONG, "reason": "code_invalid"}],
    )
    assert await uses(promotions) == 0
    assert (await promotions.hold(run="run_1", **purchase(code))).total == Money(10_000, "CNY")


@pytest.mark.parametrize(
    ("caps", "members"), [({"in_all": 5}, 20), ({"per_member": 5}, 1), ({"per_code": 5}, 20)]
)
async def test_runs_at_once_cannot_pass_a_cap(promotions: Port, caps: dict[str, int], members: int) -> None:
    given: dict[str, Any] = {**caps}
    _, (code,) = await make(promotions, **given)
    attempts = [
        promotions.hold(run=f"run_{number}", **purchase(code, account_id=f"acc_{number % members}"))
        for number in range(20)
    ]
    answers = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(answer, Evaluation) for answer in answers) == 5
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"code_rejected"}
    assert await uses(promotions) == 5


async def test_two_vouchers_in_any_order_do_not_lock_each_other_out(promotions: Port) -> None:
    _, (one,) = await make(promotions, stackable=True, in_all=100)
    _, (other,) = await make(promotions, key="k2", stackable=True, in_all=100)
    attempts = [
        promotions.hold(run=f"run_{number}", **purchase(*([one, other] if number % 2 else [other, one])))
        for number in range(30)
    ]
    held = await asyncio.gather(*attempts)
    assert {each.total for each in held} == {Money(19_000, "CNY")}


async def test_revoking_is_once_and_leaves_what_is_held(house: Running, promotions: Port) -> None:
    made, (code,) = await make(promotions)
    await promotions.hold(run="run_1", **purchase(code))
    revoked = [await promotions.revoke_voucher(voucher_id=made.id, operator_id=by) for by in (LI, "acc_sun")]
    assert [each.revoked_by for each in revoked] == [LI, LI]
    await promotions.settle(run="run_1")
    assert (await refusal_of(promotions.hold(run="run_2", **purchase(code)))).code == "code_rejected"
    assert await promotions.voucher(voucher_id=made.id) == revoked[1]
    unknown = await refusal_of(promotions.revoke_voucher(voucher_id="vou_x", operator_id=LI))
    assert unknown.code == "voucher_unknown"
    actions = await house.rows("promotions", "SELECT action FROM promotions.audit ORDER BY seq")
    assert [row.action for row in actions] == ["promotions.voucher_made", "promotions.voucher_revoked"]


async def test_lines_in_two_currencies_or_twice_are_no_purchase(promotions: Port) -> None:
    for lines in ([BAG, BAG], [Line(variant_id="x", brand="", category="", total=Money(1, "EUR"))]):
        wrong: dict[str, Any] = {**purchase(), "lines": lines}
        refused = await refusal_of(promotions.evaluate(**wrong))
        assert refused.code == "lines_invalid"


async def test_vouchers_come_in_pages(promotions: Port) -> None:
    made = [(await make(promotions, key=f"k{number}"))[0].id for number in range(3)]
    first = await promotions.vouchers(limit=2)
    second = await promotions.vouchers(limit=2, cursor=first.next or "")
    assert [each.id for each in [*first.items, *second.items]] == made[::-1]
    assert second.next is None


async def test_what_is_append_only_cannot_be_rewritten(house: Running, promotions: Port) -> None:
    await make(promotions)
    for statement in (
        "UPDATE promotions.voucher_codes SET number = 5",
        "DELETE FROM promotions.voucher_ends",
    ):
        with pytest.raises(DBAPIError, match="permission denied"):
            await house.rows("promotions", statement)


async def test_operators_make_read_and_revoke_over_rest(house: Running) -> None:
    li = house.sign_in_as("operator", subject=LI)
    body = {"name": "Winter", "rules": {"percent": 10, "per_member": 1}, "codes": 2}
    made = [
        await house.rest.post("/v1/vouchers", json=body, headers=li | {"idempotency-key": "a"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in made] == [201, 201]
    voucher = made[0].json()
    assert made[1].json() == voucher
    assert len((await house.rest.get(f"/v1/vouchers/{voucher['id']}/codes", headers=li)).json()) == 2
    revoked = await house.rest.post(
        f"/v1/vouchers/{voucher['id']}/revocation", headers=li | {"idempotency-key": "b"}
    )
    assert (revoked.status_code, revoked.json()["revoked_by"]) == (200, LI)
    listed = await house.rest.get("/v1/vouchers", headers=li)
    assert [each["id"] for each in listed.json()["items"]] == [voucher["id"]]
    member = house.sign_in_as("member", subject=MEI)
    assert (await house.rest.get("/v1/vouchers", headers=member)).status_code == 403
    wrong = await house.rest.post(
        "/v1/vouchers", json={"name": "x", "rules": {}}, headers=li | {"idempotency-key": "c"}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (400, "rules_invalid")
