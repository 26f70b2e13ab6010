"""The port of orders, bound both ways."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.orders.contract import OrderCancelled, OrderPaid, OrderPlaced, Port
from luxe.services.orders.domain import spell_number
from luxe.services.orders.service import placing
from tests.harness import running
from tests.services.orders.drafts import PARIS, draft, line
from tests.services.statements import statements

SERIALS = {"var_clutch": ["CL-0001"]}


async def refused(call: Any) -> str:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value.code


async def test_a_run_places_one_order(binding: str) -> None:
    async with running("orders", binding=binding) as house:
        orders = house.port(Port)
        order = await orders.place(run="run_1", draft=draft(gift_message="祝你生日快乐", gift_wrap=True))
        assert (order.state, order.paid_at, order.points_earned) == ("placed", None, 0)
        assert [entry.what for entry in order.timeline] == ["placed"]
        assert order.number.startswith("LX-")
        assert len(order.number) == 11
        assert (
            await orders.place(run="run_1", draft=draft(gift_message="祝你生日快乐", gift_wrap=True)) == order
        )
        for known in (order.id, order.number, order.number.lower().replace("0", "o")):
            assert await orders.order(order_id=known, account_id="acc_david") == order
        assert await orders.order_of_run(run="run_1") == order
        assert await house.facts(OrderPlaced) == [
            OrderPlaced(order_id=order.id, account_id="acc_david", number=order.number)
        ]
        assert await refused(orders.place(run="run_1", draft=draft(line(unit=1)))) == "run_reused"


async def test_paying_once_and_again(binding: str) -> None:
    async with running("orders", binding=binding) as house:
        orders = house.port(Port)
        await orders.place(run="run_1", draft=draft(delivery=10_000, points=500, points_worth=50_000))
        paid = await orders.mark_paid(run="run_1", intent_id="pay_1", points_earned=123, serials=SERIALS)
        assert (paid.state, paid.points_earned, paid.draft.lines[0].serials) == ("paid", 123, ["CL-0001"])
        assert [(entry.what, entry.note) for entry in paid.timeline] == [
            ("placed", ""),
            ("paid", ""),
            ("points_earned", "123"),
        ]
        assert (
            await orders.mark_paid(run="run_1", intent_id="pay_1", points_earned=123, serials=SERIALS) == paid
        )
        assert await orders.order(order_id=paid.id) == paid
        said = await house.facts(OrderPaid)
        assert [(fact.qualifying, fact.points_earned) for fact in said] == [(Money(1_230_000, "CNY"), 123)]
        again = orders.mark_paid(run="run_1", intent_id="pay_2", points_earned=123, serials=SERIALS)
        assert await refused(again) == "order_state"


async def test_cancelling_is_harmless_but_never_for_a_paid_order(binding: str) -> None:
    async with running("orders", binding=binding) as house:
        orders = house.port(Port)
        await orders.cancel(run="run_none", reason="nothing there")
        await orders.place(run="run_1", draft=draft())
        await orders.place(run="run_2", draft=draft())
        await orders.mark_paid(run="run_2", intent_id="pay_2", points_earned=0, serials=SERIALS)
        for _ in range(2):
            await orders.cancel(run="run_1", reason="not paid")
        cancelled = await orders.order_of_run(run="run_1")
        assert cancelled is not None
        assert [(entry.what, entry.note) for entry in cancelled.timeline] == [
            ("placed", ""),
            ("cancelled", "not paid"),
        ]
        assert [fact.reason for fact in await house.facts(OrderCancelled)] == ["not paid"]
        assert await refused(orders.cancel(run="run_2", reason="too late")) == "order_state"
        late = orders.mark_paid(run="run_1", intent_id="pay_1", points_earned=0, serials={})
        assert await refused(late) == "order_state"
        unknown = orders.mark_paid(run="run_none", intent_id="pay_1", points_earned=0, serials={})
        assert await refused(unknown) == "order_unknown"
        assert await orders.order_of_run(run="run_1") == cancelled


async def test_a_serial_number_is_in_one_order_only() -> None:
    async with running("orders") as house:
        orders = house.port(Port)
        await orders.place(run="run_1", draft=draft())
        unpaid = await orders.place(run="run_2", draft=draft())
        await orders.mark_paid(run="run_1", intent_id="pay_1", points_earned=0, serials=SERIALS)
        second = orders.mark_paid(run="run_2", intent_id="pay_2", points_earned=0, serials=SERIALS)
        assert await refused(second) == "serial_sold"
        assert await orders.order_of_run(run="run_2") == unpaid
        assert len(await house.facts(OrderPaid)) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (draft(goods=Money(1, "CNY")), "goods"),
        (draft(payable=Money(1, "CNY")), "payable"),
        (draft(lines=[]), "lines"),
        (draft(line(), line()), "lines"),
        (draft(msgspec.structs.replace(line(), total=Money(1, "CNY"))), "lines.0.total"),
        (draft(line(quantity=0)), "lines.0.quantity"),
        (draft(points_worth=2_000_000), "payable"),
        (draft(delivery=-1), "delivery"),
        (draft(points=-1), "points"),
        (draft(delivery=0, points_worth=0, gift_message="x" * 501), "gift_message"),
        (draft(line(), line("var_2", currency="EUR")), "lines"),
    ],
)
async def test_a_draft_that_does_not_add_up_is_refused(wrong: Any, field: str) -> None:
    async with running("orders") as house:
        with pytest.raises(Refusal) as caught:
            await house.port(Port).place(run="run_1", draft=wrong)
        assert caught.value.code == "draft_invalid"
        assert field in [error["field"] for error in caught.value.extra["errors"]]
        assert await house.rows("orders", "SELECT 1 FROM orders.orders") == []


async def test_an_order_goes_to_a_whole_address() -> None:
    async with running("orders") as house:
        nowhere = msgspec.structs.replace(PARIS, postcode="1")
        call = house.port(Port).place(run="run_1", draft=draft(address=nowhere))
        assert await refused(call) == "address_incomplete"


async def test_a_taken_number_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running("orders") as house:
        orders = house.port(Port)
        drawn = iter([7, 7, 8])
        monkeypatch.setattr(placing.secrets, "randbits", lambda _: next(drawn))
        first = await orders.place(run="run_1", draft=draft())
        second = await orders.place(run="run_2", draft=draft())
        assert (first.number, second.number) == (spell_number(7), spell_number(8))


async def test_placing_paying_and_cancelling_at_once() -> None:
    async with running("orders") as house:
        orders = house.port(Port)
        placed = await asyncio.gather(*(orders.place(run="run_1", draft=draft()) for _ in range(8)))
        assert len({order.id for order in placed}) == 1
        pay = [
            orders.mark_paid(run="run_1", intent_id="pay_1", points_earned=1, serials=SERIALS)
            for _ in range(4)
        ]
        outcomes = await asyncio.gather(
            *pay, orders.cancel(run="run_1", reason="race"), return_exceptions=True
        )
        order = await orders.order_of_run(run="run_1")
        assert order is not None
        paid = [fact.order_id for fact in await house.facts(OrderPaid)]
        cancelled = [fact.order_id for fact in await house.facts(OrderCancelled)]
        assert (paid, cancelled) in (([order.id], []), ([], [order.id]))
        assert {getattr(outcome, "code", "done") for outcome in outcomes} <= {"done", "order_state"}
        assert len(order.timeline) == (3 if paid else 2)


async def test_pages_newest_first_and_only_ones_own(binding: str) -> None:
    async with running("orders", binding=binding) as house:
        orders = house.port(Port)
        mine = [await orders.place(run=f"run_{number}", draft=draft()) for number in range(5)]
        other = await orders.place(run="run_other", draft=draft(account_id="acc_kevin"))
        first = await orders.orders(account_id="acc_david", limit=3)
        second = await orders.orders(account_id="acc_david", cursor=first.next or "", limit=3)
        assert first.items + second.items == list(reversed(mine))
        assert second.next is None
        assert len((await orders.orders()).items) == 6
        assert await refused(orders.order(order_id=other.id, account_id="acc_david")) == "order_unknown"
        assert await refused(orders.order(order_id="\0", account_id="acc_david")) == "order_unknown"
        assert await refused(orders.orders(cursor="x")) == "cursor_invalid"


async def test_statements_of_an_order() -> None:
    async with running("orders") as house:
        orders = house.port(Port)
        with statements(house, "orders") as placing:
            await orders.place(run="run_1", draft=draft(line("var_1"), line("var_2")))
        with statements(house, "orders") as paying:
            await orders.mark_paid(
                run="run_1", intent_id="pay_1", points_earned=5, serials={"var_1": ["A"], "var_2": ["B"]}
            )
        with statements(house, "orders") as listing:
            await orders.orders(account_id="acc_david")
        assert (len(placing), len(paying), len(listing)) == (2, 2, 1)


async def test_an_order_that_comes_after_its_run_was_given_up_is_not_placed(binding: str) -> None:
    async with running("orders", binding=binding) as opened:
        orders = opened.port(Port)
        await orders.cancel(run="run_late", reason="given up")
        assert await refused(orders.place(run="run_late", draft=draft())) == "run_over"
        assert await orders.order_of_run(run="run_late") is None
        assert await opened.facts(OrderPlaced) == []


async def test_placing_and_giving_up_at_once_leave_nothing_in_between(binding: str) -> None:
    async with running("orders", binding=binding) as opened:
        orders = opened.port(Port)
        runs = [f"run_{number}" for number in range(12)]
        await asyncio.gather(
            *(orders.place(run=run, draft=draft()) for run in runs),
            *(orders.cancel(run=run, reason="given up") for run in runs),
            return_exceptions=True,
        )
        found = [await orders.order_of_run(run=run) for run in runs]
        assert {order.state for order in found if order is not None} <= {"cancelled"}
        for run in runs:
            assert await refused(orders.place(run=run, draft=draft())) == "run_over"
