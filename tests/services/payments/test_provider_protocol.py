"""What any adapter must pass. To add one: a file beside `service/simulator.py`, and a `Desk` of it in `DESKS`.

A `Desk` is the adapter with what stands outside of it: a payer, and a network that can lose answers.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
from msgspec.structs import replace

from luxe.kernel.errors import DeadlineExceeded, Forbidden, Unavailable
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.kernel.settings import Settings
from luxe.services.payments.contract import Intent
from luxe.services.payments.domain.life import Line, Movement, MovementKind, Standing, Told
from luxe.services.payments.service.provider import Order, Provider, WrongState
from luxe.services.payments.service.simulator import Simulator
from tests.outside.parties import KEY, SECRET, start_psp
from tests.services.payments.provider import FEE, GOOD, POOR, Psp


class Desk(Protocol):
    provider: Provider

    async def pay(self, intent: Intent) -> None:
        """The payer pays on the provider's own page."""
        ...

    async def fail_to_pay(self, intent: Intent) -> None: ...

    async def lose_answer(self, operation: str, *, happened: bool) -> None:
        """The next call of `create`, `capture`, `void` or `refund` gets no answer, after or before its effect."""
        ...

    async def contest(self, intent: Intent) -> str:
        """The payer's bank opens a dispute; returns the provider's id of it."""
        ...

    def event(self, intent: Intent, status: str) -> str:
        """The body of a genuine event of the intent."""
        ...

    def signature(self, body: str, at: int) -> str: ...

    def gone(self) -> Provider:
        """The adapter, pointed to where nobody listens."""
        ...


class SimulatorDesk:
    def __init__(self, psp: Psp, client: httpx.AsyncClient) -> None:
        self._psp = psp
        self._client = client
        self.provider = self._at(psp.url)

    def _at(self, url: str) -> Provider:
        return Simulator(
            self._client,
            Settings(
                data="",
                database_url="",
                nats_url="",
                secret="",
                psp_url=url,
                psp_key=KEY,
                psp_webhook_secret=SECRET,
            ),
        )

    async def pay(self, intent: Intent) -> None:
        await self._psp.pay(intent, GOOD)

    async def fail_to_pay(self, intent: Intent) -> None:
        await self._psp.pay(intent, POOR)

    async def lose_answer(self, operation: str, *, happened: bool) -> None:
        mode = "timeout_after" if happened else "timeout_before"
        await self._psp.fault(api={"operation": operation, "mode": mode, "hold_ms": 20})

    async def contest(self, intent: Intent) -> str:
        return await self._psp.dispute(intent)

    def event(self, intent: Intent, status: str) -> str:
        data = {
            "id": intent.psp_id,
            "status": status,
            "amount": intent.amount.minor,
            "amount_captured": 0,
            "amount_refunded": 0,
            "currency": intent.amount.currency,
            "reference": intent.id,
            "hosted_url": intent.hosted_url,
            "failure_code": None,
        }
        return json.dumps({"id": "evt_1", "type": f"intent.{status}", "created": 1, "data": data})

    def signature(self, body: str, at: int) -> str:
        digest = hmac.new(SECRET.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
        return f"t={at},v1={digest}"

    def gone(self) -> Provider:
        return self._at("http://127.0.0.1:9/psp")


@asynccontextmanager
async def simulator(data: Path) -> AsyncIterator[Desk]:
    party = start_psp(data)
    psp = Psp(party)
    async with httpx.AsyncClient() as client:
        yield SimulatorDesk(psp, client)
    await psp.close()
    party.stop()


DESKS: dict[str, Callable[[Path], AbstractAsyncContextManager[Desk]]] = {"simulator": simulator}


@pytest.fixture(params=sorted(DESKS))
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    async with DESKS[request.param](tmp_path) as opened:
        yield opened


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
    standing = await desk.provider.create(order(intent))
    return replace(intent, psp_id=standing.psp_id, hosted_url=standing.hosted_url)


async def authorised(desk: Desk, amount: Money = FEE) -> Intent:
    intent = await opened(desk, amount)
    await desk.pay(intent)
    return intent


def money_of(standing: Standing | None) -> tuple[str, int, int]:
    assert standing is not None
    return standing.state, standing.captured, standing.refunded


async def test_an_intent_is_opened_and_found_again(desk: Desk) -> None:
    intent = wanted()
    standing = await desk.provider.create(order(intent))
    assert standing.psp_id
    assert standing.hosted_url.startswith("http")
    assert (standing.reference, standing.amount) == (intent.id, intent.amount)
    assert money_of(standing) == ("requires_method", 0, 0)
    assert await desk.provider.find(intent) == standing, "by our reference"
    assert await desk.provider.find(replace(intent, psp_id=standing.psp_id)) == standing, "by its own id"
    assert await desk.provider.find(wanted()) is None


async def test_opening_again_is_the_same_intent(desk: Desk) -> None:
    intent = wanted()
    assert await desk.provider.create(order(intent)) == await desk.provider.create(order(intent))


@pytest.mark.parametrize("amount", [Money(1, "JPY"), Money(10**9, "CNY"), Money(12_345, "EUR")])
async def test_paid_is_authorised_and_captured_to_the_last_unit(desk: Desk, amount: Money) -> None:
    intent = await authorised(desk, amount)
    found = await desk.provider.find(intent)
    assert money_of(found) == ("authorised", 0, 0)
    assert found is not None
    assert found.method
    captured = await desk.provider.capture(intent)
    assert money_of(captured) == ("captured", amount.minor, 0)
    assert await desk.provider.capture(intent) == captured, "the same key, the same effect"


async def test_not_paid_has_a_reason(desk: Desk) -> None:
    intent = await opened(desk)
    await desk.fail_to_pay(intent)
    found = await desk.provider.find(intent)
    assert found is not None
    assert (found.state, found.failure) == ("failed", "insufficient_funds")
    with pytest.raises(WrongState):
        await desk.provider.capture(intent)


async def test_void_lets_go_and_forbids_the_rest(desk: Desk) -> None:
    intent = await authorised(desk)
    assert money_of(await desk.provider.void(intent)) == ("voided", 0, 0)
    assert money_of(await desk.provider.void(intent)) == ("voided", 0, 0)
    with pytest.raises(WrongState):
        await desk.provider.capture(intent)
    with pytest.raises(WrongState):
        await desk.provider.refund(intent, part(intent, "refund", 1))


async def test_parts_are_captured_and_named(desk: Desk) -> None:
    intent = await authorised(desk)
    first, second = part(intent, "capture", 300_000), part(intent, "capture", 680_000)
    taken = await desk.provider.capture(intent, first)
    assert money_of(taken) == ("authorised", 300_000, 0)
    assert await desk.provider.capture(intent, first) == taken
    with pytest.raises(WrongState):
        await desk.provider.capture(intent, part(intent, "capture", 680_001))
    assert money_of(await desk.provider.capture(intent, second)) == ("captured", 980_000, 0)
    assert named(await desk.provider.find(intent)) == {first.id: 300_000, second.id: 680_000}


async def test_after_a_part_the_rest_can_be_let_go(desk: Desk) -> None:
    intent = await authorised(desk)
    await desk.provider.capture(intent, part(intent, "capture", 300_000))
    assert money_of(await desk.provider.void(intent)) == ("captured", 300_000, 0)


async def test_refunds_are_partial_repeated_named_and_bounded(desk: Desk) -> None:
    intent = await authorised(desk)
    await desk.provider.capture(intent)
    first, second = part(intent, "refund", 300_000), part(intent, "refund", 680_000)
    given = await desk.provider.refund(intent, first)
    assert money_of(given) == ("captured", 980_000, 300_000)
    assert money_of(await desk.provider.refund(intent, first))[2] == 300_000, "the same key, the same effect"
    with pytest.raises(WrongState):
        await desk.provider.refund(intent, part(intent, "refund", 680_001))
    assert money_of(await desk.provider.refund(intent, second)) == ("captured", 980_000, 980_000)
    assert named(await desk.provider.find(intent)) == {first.id: 300_000, second.id: 680_000}


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
    intent = wanted() if operation == "create" else await authorised(desk)
    if operation == "refund":
        await desk.provider.capture(intent)
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
    assert money_of(await calls[operation]()) == expected
    assert money_of(await desk.provider.find(intent)) == expected


async def test_nobody_there_is_unavailable(desk: Desk) -> None:
    with pytest.raises(Unavailable):
        await desk.gone().create(order(wanted()))


async def test_a_dispute_is_told(desk: Desk) -> None:
    intent = await authorised(desk)
    await desk.provider.capture(intent)
    dispute = await desk.contest(intent)
    found = await desk.provider.find(intent)
    assert found is not None
    assert found.state == "disputed"
    assert [(each.dispute_id, each.outcome, each.amount) for each in found.disputes] == [
        (dispute, "opened", 980_000)
    ]


async def test_the_statement_of_the_day_has_every_movement(desk: Desk) -> None:
    start = datetime.now(UTC).date()
    intent = await authorised(desk)
    await desk.provider.capture(intent)
    back = part(intent, "refund", 300_000)
    await desk.provider.refund(intent, back)
    lines: list[Line] = []
    for day in sorted({start, datetime.now(UTC).date()}):
        async for page in desk.provider.statement(day):
            lines += page
    by_kind = sorted(lines, key=lambda each: each.kind)
    assert [(each.kind, each.reference, each.movement, each.amount) for each in by_kind] == [
        ("capture", intent.id, "", intent.amount),
        ("refund", intent.id, back.id, back.amount),
    ]
    assert len({(each.id, each.kind) for each in lines}) == 2


async def test_only_what_the_provider_signed_now_is_heard(desk: Desk) -> None:
    intent = await opened(desk)
    body = desk.event(intent, "authorised")
    now = int(time.time())
    heard = await desk.provider.read_event(body, desk.signature(body, now), datetime.now(UTC))
    assert (heard.id, heard.reference) == ("evt_1", intent.id)
    assert heard.standing is None or heard.standing.state == "authorised"
    forged = [
        (body.replace("authorised", "captured"), desk.signature(body, now)),
        (body, desk.signature(body, now - 400)),
        (body, desk.signature(body + " ", now)),
        (body, ""),
    ]
    for altered, signature in forged:
        with pytest.raises(Forbidden) as refused:
            await desk.provider.read_event(altered, signature, datetime.now(UTC))
        assert refused.value.code == "signature_invalid"
