"""An order's life after it is paid: nothing moves except along the table, and nothing is given back twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from luxe.kernel.errors import Conflict, Refusal
from luxe.kernel.money import Money
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.inventory.contract import Unit, UnitPage
from luxe.services.orders.contract import (
    Finding,
    Order,
    OrderCancelled,
    OrderDelivered,
    OrderRefunded,
    OrderShipped,
    OrderState,
    Port,
    UnitRef,
)
from luxe.services.orders.domain import TRANSITIONS, Event
from tests.harness import Running, running
from tests.services.orders.drafts import draft, line

PAYABLE = Money(1_280_000, "CNY")
SERIALS = {"var_clutch": ["CL-0001"]}


class Shelf:
    """Inventory, as far as orders tell it anything."""

    def __init__(self, refuses: str = "", sold: int = 1) -> None:
        self.refuses = refuses
        self.sold = {f"CL-000{number}" for number in range(1, sold + 1)}
        self.shipped: list[tuple[str, str]] = []

    async def ship(self, *, order_id: str, key: str, serials: list[str] | None, **_: Any) -> list[Any]:
        if self.refuses:
            raise Conflict("no", code=self.refuses)
        self.shipped.append((order_id, key))
        self.sold -= self.sold if serials is None else set(serials)
        return []

    async def units(self, *, order_id: str, **_: Any) -> UnitPage:
        return UnitPage(items=[unit(serial, order_id) for serial in sorted(self.sold)], next=None)


def unit(serial: str, order_id: str) -> Unit:
    return Unit(
        unit_id=f"unit_{serial}",
        variant_id="var_clutch",
        serial=serial,
        location="main",
        state="sold",
        lot="",
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
        expected_on=None,
        lead_days=None,
        order_id=order_id,
        transfer_id="",
    )


def house(binding: str = "local", shelf: Shelf | None = None) -> Any:
    return running("orders", binding=binding, stubs={InventoryPort: shelf or Shelf()})


async def refused(call: Awaitable[Any]) -> str:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value.code


async def sold(orders: Port, run: str = "run_1") -> Order:
    await orders.place(run=run, draft=draft())
    serials = SERIALS if run == "run_1" else {"var_clutch": [f"CL-{run}"]}
    return await orders.mark_paid(run=run, intent_id="pay_1", points_earned=10, serials=serials)


async def goodwill(orders: Port, order: Order, minor: int, run: str = "run_refund") -> Any:
    amount = Money(minor, "CNY")
    return await orders.set_aside(run=run, order_id=order.id, amount=amount, kind="goodwill", reason="a dent")


EVENTS: dict[Event, Callable[[Port, Order], Awaitable[Any]]] = {
    "pay": lambda orders, order: orders.mark_paid(
        run=order.run, intent_id="pay_2", points_earned=0, serials={}
    ),
    "cancel": lambda orders, order: orders.cancel(run=order.run, reason="not paid"),
    "close": lambda orders, order: orders.begin_cancelling(run="run_again", order_id=order.id, reason=""),
    "ship_some": lambda orders, order: orders.ship(order_id=order.id, key="SH-1", units=one("CL-0002")),
    "ship": lambda orders, order: orders.ship(order_id=order.id),
    "deliver": lambda orders, order: orders.deliver(order_id=order.id),
}
"""Those that anybody may try; `reopen` and `finish` belong to the run that closed."""


THREE = ["CL-0001", "CL-0002", "CL-0003"]


def one(serial: str) -> list[UnitRef]:
    return [UnitRef(variant_id="var_clutch", serial=serial)]


async def brought_to(orders: Port, state: OrderState) -> Order:
    order = await orders.place(run="run_1", draft=draft(line(quantity=3)))
    if state not in ("placed", "cancelled"):
        await orders.mark_paid(run="run_1", intent_id="pay_1", points_earned=0, serials={"var_clutch": THREE})
    if state == "cancelled":
        await orders.cancel(run="run_1", reason="not paid")
    if state == "cancelling":
        await orders.begin_cancelling(run="run_close", order_id=order.id, reason="")
    if state == "partly_shipped":
        await orders.ship(order_id=order.id, key="SH-0", units=one("CL-0001"))
    if state in ("shipped", "delivered", "partly_returned", "returned"):
        await orders.ship(order_id=order.id)
    if state in ("delivered", "partly_returned", "returned"):
        await orders.deliver(order_id=order.id)
    if state in ("partly_returned", "returned"):
        await give_back(orders, order, THREE if state == "returned" else THREE[:1])
    return await orders.order(order_id=order.id)


async def give_back(orders: Port, order: Order, serials: list[str], run: str = "run_return") -> None:
    known = await orders.request_return(
        run=run,
        order_id=order.id,
        account_id=order.draft.account_id,
        units=[UnitRef(variant_id="var_clutch", serial=serial) for serial in serials],
        reason="too small",
    )
    await orders.decide_return(return_id=known.id, approve=True, reason="")
    findings = [Finding(variant_id="var_clutch", serial=serial, accepted=True) for serial in serials]
    await orders.inspect_return(return_id=known.id, findings=findings)
    await orders.set_return_aside(run=run)
    await orders.finish_return(run=run, points_back=0, points_taken=0)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", TRANSITIONS)
async def test_an_order_moves_along_the_table_and_in_no_other_way(state: OrderState, event: Event) -> None:
    async with house(shelf=Shelf(sold=3)) as opened:
        orders = cast(Running, opened).port(Port)
        before = await brought_to(orders, state)
        assert before.state == state
        leads = TRANSITIONS[state].get(event)
        again = {("cancelled", "cancel")} | {
            (state, event)
            for state, events in (
                ("shipped", ["ship"]),
                ("delivered", ["ship", "deliver"]),
                ("partly_returned", ["ship", "deliver"]),
                ("returned", ["ship", "deliver"]),
            )
            for event in events
        }
        if leads is not None or (state, event) in again:
            await EVENTS[event](orders, before)
            after = await orders.order(order_id=before.id)
            assert (after.state, len(after.timeline)) == (leads or state, len(before.timeline) + bool(leads))
        else:
            assert await refused(EVENTS[event](orders, before)) == "order_state"
            assert await orders.order(order_id=before.id) == before


async def test_the_way_to_the_member_is_told(binding: str) -> None:
    shelf = Shelf()
    async with house(binding, shelf) as opened:
        orders = opened.port(Port)
        order = await sold(orders)
        for _ in range(2):
            assert (await orders.ship(order_id=order.id)).state == "shipped"
        for _ in range(2):
            assert (await orders.deliver(order_id=order.id)).state == "delivered"
        told = (await orders.order(order_id=order.id)).timeline
        assert [entry.what for entry in told] == ["placed", "paid", "points_earned", "shipped", "delivered"]
        assert shelf.shipped == [(order.id, f"ship {order.id}")]
        assert len(await opened.facts(OrderShipped)) == len(await opened.facts(OrderDelivered)) == 1


async def test_an_order_leaves_in_shipments_each_told_once_by_its_number(binding: str) -> None:
    shelf = Shelf(sold=3)
    async with house(binding, shelf) as opened:
        orders = opened.port(Port)
        order = await brought_to(orders, "paid")
        assert [each.id for each in (await orders.to_ship()).items] == [order.id]
        partly, again = [
            await orders.ship(order_id=order.id, key="SH-A", units=one("CL-0001")) for _ in range(2)
        ]
        assert partly == again
        assert (partly.state, [entry.note for entry in partly.timeline[2:]]) == ("partly_shipped", ["SH-A"])
        assert [each.id for each in (await orders.to_ship()).items] == [order.id]
        assert await opened.facts(OrderShipped) == []
        alien = orders.ship(order_id=order.id, key="SH-B", units=one("CL-0009"))
        assert await refused(alien) == "unit_unknown"
        assert await refused(orders.ship(order_id=order.id, key="SH-B", units=[])) == "unit_unknown"
        assert await refused(orders.deliver(order_id=order.id)) == "order_state"
        assert await orders.order(order_id=order.id) == partly
        rest = [*one("CL-0002"), *one("CL-0003")]
        whole, again = [await orders.ship(order_id=order.id, key="SH-C", units=rest) for _ in range(2)]
        assert whole == again
        assert (whole.state, [entry.note for entry in whole.timeline[2:]]) == ("shipped", ["SH-A", "SH-C"])
        assert [fact.shipment for fact in await opened.facts(OrderShipped)] == ["SH-C"]
        assert shelf.shipped == [(order.id, "ship SH-A"), (order.id, "ship SH-C")]
        assert (await orders.to_ship()).items == []


async def test_what_inventory_does_not_let_go_is_not_shipped() -> None:
    async with house(shelf=Shelf(refuses="not_arrived")) as opened:
        orders = opened.port(Port)
        order = await sold(orders)
        assert await refused(orders.ship(order_id=order.id)) == "not_arrived"
        assert await orders.order(order_id=order.id) == order
        assert await opened.facts(OrderShipped) == []


async def test_closing_and_finishing_a_cancellation(binding: str) -> None:
    async with house(binding) as opened:
        orders = opened.port(Port)
        order = await sold(orders)
        closed = await orders.begin_cancelling(run="run_c", order_id=order.id, reason="a whim")
        assert await orders.begin_cancelling(run="run_c", order_id=order.id, reason="a whim") == closed
        assert (closed.payment_run, closed.kind, closed.state) == ("run_1", "cancellation", "pending")
        assert (closed.amount, closed.goods) == (PAYABLE, PAYABLE)
        rival = orders.begin_cancelling(run="run_d", order_id=order.id, reason="")
        assert await refused(rival) == "order_state"
        for _ in range(2):
            await orders.finish_cancelling(run="run_c", points_back=3, points_taken=10)
        (refund,) = await orders.refunds(order_id=order.id)
        assert (refund.state, refund.points_back, refund.points_taken) == ("done", 3, 10)
        assert [fact.refunded for fact in await opened.facts(OrderCancelled)] == [PAYABLE]
        assert [fact.amount for fact in await opened.facts(OrderRefunded)] == [PAYABLE]
        again = await sold(orders, "run_2")
        assert again.state == "paid"
        assert await opened.rows("orders", "SELECT 1 FROM orders.sold_units WHERE serial = 'CL-0001'") == []


async def test_a_run_that_has_given_up_closes_nothing_however_late_it_comes(binding: str) -> None:
    async with house(binding) as opened:
        orders = opened.port(Port)
        order = await sold(orders)
        await orders.reopen(run="run_late")
        assert (
            await refused(orders.begin_cancelling(run="run_late", order_id=order.id, reason="")) == "run_over"
        )
        await orders.begin_cancelling(run="run_c", order_id=order.id, reason="a whim")
        for _ in range(2):
            await orders.reopen(run="run_c")
        reopened = await orders.order(order_id=order.id)
        assert [entry.what for entry in reopened.timeline[3:]] == ["cancelling", "reopened"]
        assert (reopened.state, await orders.refunds(order_id=order.id)) == ("paid", [])
        assert await refused(orders.begin_cancelling(run="run_c", order_id=order.id, reason="")) == "run_over"
        assert (
            await refused(orders.finish_cancelling(run="run_c", points_back=0, points_taken=0)) == "run_over"
        )


async def test_parts_are_set_aside_up_to_what_is_left(binding: str) -> None:
    async with house(binding) as opened:
        orders = opened.port(Port)
        order = await sold(orders)
        first = await goodwill(orders, order, 1_000_000)
        assert await goodwill(orders, order, 1_000_000) == first
        assert await refused(goodwill(orders, order, 280_001, "run_b")) == "refund_too_much"
        assert await refused(goodwill(orders, order, 0, "run_b")) == "refund_invalid"
        other = orders.set_aside(
            run="run_b", order_id=order.id, amount=Money(1, "EUR"), kind="goodwill", reason=""
        )
        assert await refused(other) == "refund_invalid"
        assert await orders.refunds(order_id=order.id) == [first]
        await orders.drop_refund(run="run_refund")
        assert await refused(goodwill(orders, order, 1_000_000)) == "run_over"
        await goodwill(orders, order, 1_280_000, "run_c")
        await orders.finish_refund(run="run_c", points_back=0, points_taken=10)
        told = (await orders.order(order_id=order.id)).timeline[-1]
        assert (told.what, told.note) == ("refunded", "a dent")


async def test_an_order_is_not_closed_while_money_goes_back() -> None:
    async with house() as opened:
        orders = opened.port(Port)
        order = await sold(orders)
        await goodwill(orders, order, 80_000)
        call = orders.begin_cancelling(run="run_c", order_id=order.id, reason="")
        assert await refused(call) == "refund_under_way"
        await orders.finish_refund(run="run_refund", points_back=0, points_taken=1)
        closed = await orders.begin_cancelling(run="run_c", order_id=order.id, reason="")
        assert closed.amount == Money(1_200_000, "CNY")
        assert await refused(goodwill(orders, order, 1, "run_d")) == "order_state"


async def test_parts_set_aside_at_once_are_never_more_than_was_paid() -> None:
    async with house() as opened:
        orders = opened.port(Port)
        order = await sold(orders)
        calls = [goodwill(orders, order, 300_000, f"run_{n}") for n in range(8)]
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert sum(not isinstance(each, BaseException) for each in done) == 4
        assert sum(each.amount.minor for each in await orders.refunds(order_id=order.id)) == 1_200_000


async def test_of_shipping_and_closing_at_once_exactly_one_succeeds() -> None:
    async with house() as opened:
        orders = opened.port(Port)
        for number in range(10):
            order = await sold(orders, f"run_{number + 10}")
            done = await asyncio.gather(
                orders.ship(order_id=order.id),
                orders.begin_cancelling(run=f"run_c{number}", order_id=order.id, reason=""),
                return_exceptions=True,
            )
            assert [each.code for each in done if isinstance(each, Refusal)] == ["order_state"]
