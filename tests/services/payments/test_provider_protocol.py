"""What any adapter must pass. To add one: a file beside `service/simulator.py`, and a `Desk` of it in `DESKS`."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from luxe.kernel.errors import DeadlineExceeded, Forbidden, Unavailable
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.payments.contract import Intent
from luxe.services.payments.domain.life import Line, Movement, MovementKind, Standing, Told
from luxe.services.payments.service.provider import Order, WrongState
from tests.services.payments.alipay_desk import alipay
from tests.services.payments.desks import Desk, simulator
from tests.services.payments.provider import FEE
from tests.services.payments.stripe_desk import localstripe
from tests.services.payments.wechat_desk import wechat_pay

DESKS: dict[str, Callable[[Path], AbstractAsyncContextManager[Desk]]] = {
    "simulator": simulator,
    "stripe": localstripe,
    "alipay": alipay,
    "wechat_pay": wechat_pay,
}


@pytest.fixture(params=sorted(DESKS))
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    async with DESKS[request.param](tmp_path) as opened:
        yield opened


def needs(desk: Desk, what: str) -> None:
    if what in desk.lacks:
        name = type(desk.provider).__name__
        pytest.skip(f"{name}, or what stands in for it in tests, has nothing like: {what}")


def kept(intent: Intent, standing: Standing | None) -> Intent:
    """The intent as the house keeps it after it has heard this."""
    assert standing is not None
    currency = intent.amount.currency
    return replace(
        intent,
        psp_id=standing.psp_id,
        hosted_url=standing.hosted_url or intent.hosted_url,
        state=standing.state,
        captured=Money(standing.captured, currency),
        refunded=Money(standing.refunded, currency),
    )


def wanted(amount: Money = FEE) -> Intent:
    nothing = Money.zero(amount.currency)
    return Intent(
        id=new_id("pay"), run=new_id("run"), account_id="acc_david", purpose="checkout", state="requires_method",
        amount=amount, captured=nothing, refunded=nothing, hosted_url="", failure="", method="", psp_id="",
        created_at=datetime.now(UTC),
    )  # fmt: skip


def order(intent: Intent) -> Order:
    return Order(
        intent=intent,
        description="A watch",
        locale="zh-CN",
        return_url="http://127.0.0.1:9/back?run=1",
        webhook_url="http://127.0.0.1:9/hooks",
    )


def part(intent: Intent, kind: MovementKind, minor: int) -> Movement:
    return Movement(
        id=new_id("rfd" if kind == "refund" else "cap"), kind=kind, intent_id=intent.id, run=intent.run, key="k",
        amount=Money(minor, intent.amount.currency), reason="", state="pending", psp_id="", failure="",
        created_at=intent.created_at,
    )  # fmt: skip


async def opened(desk: Desk, amount: Money = FEE) -> Intent:
    intent = wanted(amount)
    return kept(intent, await desk.provider.create(order(intent)))


async def authorised(desk: Desk, amount: Money = FEE) -> Intent:
    intent = await opened(desk, amount)
    await desk.pay(intent)
    return kept(intent, await desk.provider.find(intent))


async def captured(desk: Desk) -> Intent:
    intent = await authorised(desk)
    return kept(intent, await desk.provider.capture(intent))


def money_of(standing: Standing | None) -> tuple[str, int, int]:
    assert standing is not None
    return standing.state, standing.captured, standing.refunded


async def test_an_intent_is_opened_and_found_again(desk: Desk) -> None:
    intent = wanted()
    standing = await desk.provider.create(order(intent))
    assert standing.psp_id
    assert standing.hosted_url.startswith("http")
    assert (standing.reference, standing.amount) == (intent.id, intent.amount)
    assert standing.provider == desk.provider.name
    assert money_of(standing) == ("requires_method", 0, 0)
    found = await desk.provider.find(kept(intent, standing))
    assert found is not None
    assert replace(found, hosted_url=standing.hosted_url) == standing, "by its own id"
    assert await desk.provider.find(wanted()) is None
    needs(desk, "search by our reference")
    assert await desk.provider.find(intent) == standing, "by our reference"


async def test_opening_again_is_the_same_intent(desk: Desk) -> None:
    intent = wanted()
    first, second = [await desk.provider.create(order(intent)) for _ in range(2)]
    assert replace(second, hosted_url="") == replace(first, hosted_url="")


@pytest.mark.parametrize("number", range(3))
async def test_paid_is_authorised_and_captured_to_the_last_unit(desk: Desk, number: int) -> None:
    amount = desk.amounts[number]
    intent = await authorised(desk, amount)
    found = await desk.provider.find(intent)
    assert money_of(found) == ("authorised", 0, 0)
    assert found is not None
    assert found.method
    taken = await desk.provider.capture(intent)
    assert money_of(taken) == ("captured", amount.minor, 0)
    assert await desk.provider.capture(intent) == taken, "the same key, the same effect"
    assert money_of(await desk.provider.find(kept(intent, taken))) == ("captured", amount.minor, 0)


async def test_not_paid_has_a_reason(desk: Desk) -> None:
    intent = await opened(desk)
    await desk.fail_to_pay(intent)
    found = await desk.provider.find(intent)
    assert found is not None
    assert (found.state, found.failure) == desk.declined
    with pytest.raises(WrongState):
        await desk.provider.capture(intent)


async def test_void_lets_go_and_forbids_the_rest(desk: Desk) -> None:
    intent = await authorised(desk)
    voided = await desk.provider.void(intent)
    assert money_of(voided) == ("voided", 0, 0)
    intent = kept(intent, voided)
    assert money_of(await desk.provider.void(intent)) == ("voided", 0, 0)
    assert money_of(await desk.provider.find(intent)) == ("voided", 0, 0)
    with pytest.raises(WrongState):
        await desk.provider.capture(intent)
    with pytest.raises(WrongState):
        await desk.provider.refund(intent, part(intent, "refund", 1))


async def test_void_before_anybody_paid(desk: Desk) -> None:
    intent = await opened(desk)
    assert money_of(await desk.provider.void(intent)) == ("voided", 0, 0)


async def test_parts_are_captured_and_named(desk: Desk) -> None:
    needs(desk, "capture in part")
    intent = await authorised(desk)
    first, second = part(intent, "capture", 300_000), part(intent, "capture", 680_000)
    taken = await desk.provider.capture(intent, first)
    assert money_of(taken) == ("authorised", 300_000, 0)
    assert named(taken)[first.id] == 300_000
    assert await desk.provider.capture(intent, first) == taken
    intent = kept(intent, taken)
    with pytest.raises(WrongState):
        await desk.provider.capture(intent, part(intent, "capture", 680_001))
    taken = await desk.provider.capture(intent, second)
    assert money_of(taken) == ("captured", 980_000, 0)
    assert named(taken)[second.id] == 680_000


async def test_after_a_part_the_rest_can_be_let_go(desk: Desk) -> None:
    needs(desk, "capture in part")
    intent = await authorised(desk)
    intent = kept(intent, await desk.provider.capture(intent, part(intent, "capture", 300_000)))
    assert money_of(await desk.provider.void(intent)) == ("captured", 300_000, 0)


async def test_refunds_are_partial_repeated_named_and_bounded(desk: Desk) -> None:
    intent = await captured(desk)
    first, second = part(intent, "refund", 300_000), part(intent, "refund", 680_000)
    given = await desk.provider.refund(intent, first)
    assert money_of(given) == ("captured", 980_000, 300_000)
    assert named(given)[first.id] == 300_000
    assert money_of(await desk.provider.refund(intent, first))[2] == 300_000, "the same key, the same effect"
    intent = kept(intent, given)
    if "bounded refunds" not in desk.lacks:
        with pytest.raises(WrongState):
            await desk.provider.refund(intent, part(intent, "refund", 680_001))
    given = await desk.provider.refund(intent, second)
    assert money_of(given) == ("captured", 980_000, 980_000)
    assert named(given)[second.id] == 680_000


def named(standing: Standing | None) -> dict[str, int]:
    assert standing is not None
    told: tuple[Told, ...] = standing.told
    assert all(each.psp_id and each.state == "succeeded" for each in told)
    return {each.reference: each.amount for each in told}


@pytest.mark.parametrize("happened", [False, True])
@pytest.mark.parametrize("operation", ["create", "capture", "capture a part", "void", "refund"])
async def test_a_lost_answer_is_unknown_and_the_same_key_tells(
    desk: Desk, operation: str, happened: bool
) -> None:
    needs(desk, f"call to {operation}")
    opens = {"create": lambda: later(wanted()), "refund": lambda: captured(desk)}
    intent = await opens.get(operation, lambda: authorised(desk))()
    capture, refund = part(intent, "capture", 300_000), part(intent, "refund", 300_000)
    calls: dict[str, Callable[[], Any]] = {
        "create": lambda: desk.provider.create(order(intent)),
        "capture": lambda: desk.provider.capture(intent),
        "capture a part": lambda: desk.provider.capture(intent, capture),
        "void": lambda: desk.provider.void(intent),
        "refund": lambda: desk.provider.refund(intent, refund),
    }
    await desk.lose_answer(operation.split()[0], happened=happened)
    with pytest.raises(DeadlineExceeded):
        await calls[operation]()
    expected = {
        "create": ("requires_method", 0, 0),
        "capture": ("captured", 980_000, 0),
        "capture a part": ("authorised", 300_000, 0),
        "void": ("voided", 0, 0),
        "refund": ("captured", 980_000, 300_000),
    }[operation]
    again = await calls[operation]()
    assert money_of(again) == expected
    assert money_of(await desk.provider.find(kept(intent, again))) == expected


async def later(intent: Intent) -> Intent:
    return intent


async def test_nobody_there_is_unavailable(desk: Desk) -> None:
    with pytest.raises(Unavailable):
        await desk.gone().find(replace(wanted(), psp_id="of_another_time"))


async def test_a_dispute_is_told(desk: Desk) -> None:
    needs(desk, "dispute")
    intent = await captured(desk)
    dispute = await desk.contest(intent)
    found = await desk.provider.find(intent)
    assert found is not None
    assert found.state == "disputed"
    assert [(each.dispute_id, each.outcome, each.amount) for each in found.disputes] == [
        (dispute, "opened", 980_000)
    ]


async def test_the_statement_of_the_day_has_every_movement(desk: Desk) -> None:
    needs(desk, "statement")
    start = datetime.now(UTC).date()
    intent = await captured(desk)
    back = part(intent, "refund", 300_000)
    await desk.provider.refund(intent, back)
    lines: list[Line] = []
    for day in sorted({start, datetime.now(UTC).date()}):
        async for page in desk.provider.statement(day):
            lines += [each for each in page if each.reference == intent.id]
    by_kind = sorted(lines, key=lambda each: each.kind)
    assert [(each.kind, each.reference, each.movement, each.amount) for each in by_kind] == [
        ("capture", intent.id, "", intent.amount),
        ("refund", intent.id, back.id, back.amount),
    ]
    assert len({(each.id, each.kind) for each in lines}) == 2


async def test_only_what_the_provider_signed_now_is_heard(desk: Desk) -> None:
    intent = await opened(desk)
    body, now = desk.event(intent, "authorised"), int(time.time())
    heard = await desk.provider.read_event(*desk.sent(body, now), datetime.now(UTC))
    assert heard.id
    assert heard.reference == intent.id
    assert heard.standing is None or heard.standing.state == "authorised"
    genuine, signature = desk.sent(body, now)
    other, _ = desk.sent(desk.event(wanted(), "authorised"), now)
    forged = [
        (genuine.replace("evt_1", "evt_2"), signature),
        desk.sent(body, now - 400),
        desk.sent(body, now + 400),
        (genuine + " ", signature),
        (body, ""),
        *([(other, signature)] if signature else []),
    ]
    for altered, given in forged:
        with pytest.raises(Forbidden) as refused:
            await desk.provider.read_event(altered, given, datetime.now(UTC))
        assert refused.value.code == "signature_invalid"
