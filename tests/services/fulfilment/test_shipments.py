"""Shipments with orders' and inventory's own books, and the carrier's process with its faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.services.fulfilment.contract import PackedUnit, Port, Shipment, ShipmentMoved
from luxe.services.fulfilment.service import simulator
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.orders.contract import Order
from luxe.services.orders.contract import Port as OrdersPort
from tests.harness import Running, running
from tests.services.fulfilment.carrier import Carrier, sold


@asynccontextmanager
async def opened(carrier: Carrier, binding: str = "local") -> AsyncIterator[Running]:
    units = ("fulfilment", "orders", "inventory")
    async with running(*units, binding=binding, **carrier.settings) as house:
        house.service("fulfilment").carrier._webhook = f"{house.rest.base_url}{simulator.WEBHOOK_PATH}"
        yield house


async def refused(call: Awaitable[Any]) -> str:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value.code


def ref(serial: str) -> PackedUnit:
    return PackedUnit(variant_id="var_clutch", serial=serial)


async def ship(house: Running, order: Order, key: str, *serials: str, method: str = "express") -> Shipment:
    units = [ref(serial) for serial in serials] or None
    return await house.port(Port).ship(
        key=key, order_id=order.id, units=units, method=method, operator_id="acc_li"
    )


async def until(house: Running, shipment: Shipment, state: str, events: int = 0) -> Shipment:
    """The carrier's webhooks arrive by themselves."""
    found = await house.port(Port).shipment(shipment_id=shipment.id)
    for _ in range(200):
        if found.state == state and len(found.events) >= events:
            return found
        await asyncio.sleep(0.05)
        found = await house.port(Port).shipment(shipment_id=shipment.id)
    raise AssertionError(f"{found.state}, not {state}: {found.events}")


async def order_state(house: Running, order: Order) -> str:
    return (await house.port(OrdersPort).order(order_id=order.id)).state


async def test_an_order_goes_in_two_shipments_and_is_delivered_with_the_last(
    carrier: Carrier, binding: str
) -> None:
    async with opened(carrier, binding) as house:
        port, orders = house.port(Port), house.port(OrdersPort)
        order = await sold(house, "run_1", ["A1", "A2", "A3"])
        first = await ship(house, order, "k1", "A2")
        assert await ship(house, order, "k1", "A2") == first
        assert (first.state, first.booking, first.carrier) == ("packed", "booked", "Meridian Parcel")
        assert (await port.label(shipment_id=first.number)).pdf.startswith("JVBERi")
        assert await order_state(house, order) == "paid", "packing is not shipping"
        assert await refused(ship(house, order, "k2", "A2", "A1")) == "unit_packed"
        assert await refused(ship(house, order, "k2", "B9")) == "unit_unknown"
        rest = await ship(house, order, "k2", method="standard")
        assert [unit.serial for unit in rest.units] == ["A1", "A3"]
        assert await refused(ship(house, order, "k3")) == "nothing_to_pack"
        for _ in range(2):
            assert (await port.hand_over(shipment_id=first.id)).state == "handed_over"
        assert await order_state(house, order) == "partly_shipped"
        assert [each.id for each in (await orders.to_ship()).items] == [order.id]
        assert await refused(port.call_off(shipment_id=first.id, reason="no")) == "shipment_state"
        await carrier.scan(first.id, "accepted", "in_transit", "out_for_delivery", "delivered")
        told = await until(house, first, "delivered", 6)
        assert [(event.state, event.moved) for event in told.events] == [
            ("packed", True),
            ("handed_over", True),
            ("handed_over", False),
            ("in_transit", True),
            ("out_for_delivery", True),
            ("delivered", True),
        ]
        assert [event.actor for event in told.events[2:]] == ["carrier"] * 4
        assert await order_state(house, order) == "partly_shipped"
        await carrier.scan(rest.id, "accepted")
        await until(house, rest, "handed_over", 2)
        assert await order_state(house, order) == "shipped", "the first scan says that the carrier has it"
        await carrier.scan(rest.id, "delivered")
        await until(house, rest, "delivered")
        known = await orders.order(order_id=order.id)
        assert [(entry.what, entry.note) for entry in known.timeline[2:]] == [
            ("partly_shipped", first.number),
            ("shipped", rest.number),
            ("delivered", rest.number),
        ]
        units = (await house.port(InventoryPort).units(order_id=order.id)).items
        assert {unit.state for unit in units} == {"shipped"}
        states = [fact.state for fact in await house.facts(ShipmentMoved) if fact.shipment_id == rest.id]
        assert states == ["packed", "handed_over", "delivered"]
        assert (await port.shipments(order_id=order.id)).items[0].id == rest.id
        own = await port.shipment(shipment_id=rest.number, account_id=order.draft.account_id)
        assert own.id == rest.id
        assert await refused(port.shipment(shipment_id=rest.id, account_id="acc_other")) == "shipment_unknown"


async def test_two_who_pack_the_same_piece_pack_it_once(carrier: Carrier) -> None:
    async with opened(carrier) as house:
        order = await sold(house, "run_1", ["A1"])
        calls = [ship(house, order, f"k{number}", method="white_glove") for number in range(6)]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        packed = [each for each in outcomes if isinstance(each, Shipment)]
        codes = {each.code for each in outcomes if isinstance(each, Refusal)}
        assert (len(packed), len(outcomes)) == (1, 6)
        assert codes <= {"unit_packed", "nothing_to_pack"}
        assert packed[0].booking == "none", "our own people bring it"
        assert len(await house.rows("fulfilment", "SELECT 1 FROM fulfilment.shipment_units")) == 1


async def test_a_lost_answer_is_asked_for_and_a_no_is_kept(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulator, "SECONDS", 0.5)
    async with opened(carrier) as house:
        port = house.port(Port)
        orders = [await sold(house, f"run_{number}", [f"A{number}"]) for number in range(3)]
        await carrier.faults(api={"operation": "book", "mode": "timeout_after"})
        asked = await ship(house, orders[0], "k0")
        assert (asked.booking, await carrier.journal(asked.id)) == ("booked", ["book"])
        await carrier.faults(api={"operation": "book", "mode": "timeout_before"})
        unknown = await ship(house, orders[1], "k1")
        assert (unknown.booking, unknown.problem) == ("wanted", "the carrier has not answered yet")
        assert await refused(port.hand_over(shipment_id=unknown.id)) == "not_booked"
        assert await refused(port.label(shipment_id=unknown.id)) == "not_booked"
        now = clock.now()
        clock.replace_clock(lambda: now + timedelta(minutes=1))
        try:
            await house.run_jobs("fulfilment")
        finally:
            clock.replace_clock(None)
        settled = await port.shipment(shipment_id=unknown.id)
        assert (settled.booking, settled.problem, await carrier.journal(unknown.id)) == (
            "booked",
            "",
            ["book"],
        )
        await carrier.faults(api={"operation": "book", "mode": "refuse"})
        no = await ship(house, orders[2], "k2")
        assert (no.booking, no.problem) == ("refused", "we do not deliver there")
        assert [each.id for each in (await port.shipments(troubled=True)).items] == [no.id]
        again = await port.book(shipment_id=no.id)
        assert (again.booking, again.problem) == ("booked", "")


async def test_news_that_is_doubled_reordered_forged_or_lost_has_one_effect(carrier: Carrier) -> None:
    async with opened(carrier) as house:
        port = house.port(Port)
        order = await sold(house, "run_1", ["A1"])
        shipment = await ship(house, order, "k1")
        await port.hand_over(shipment_id=shipment.id)
        await carrier.faults(webhook={"duplicate": 2, "forge": 2})
        await carrier.scan(shipment.id, "accepted", "in_transit")
        await until(house, shipment, "in_transit", 4)
        await carrier.faults(webhook={"reorder": True})
        await carrier.scan(shipment.id, "out_for_delivery", "exception", note="no one there")
        late = await until(house, shipment, "exception", 6)
        assert [(event.state, event.moved) for event in late.events[3:]] == [
            ("in_transit", True),
            ("exception", True),
            ("out_for_delivery", False),
        ]
        assert [each.id for each in (await port.shipments(troubled=True)).items] == [shipment.id]
        await carrier.faults(webhook={"lose": 1})
        await carrier.scan(shipment.id, "delivered")
        asked = await port.ask(shipment_id=shipment.id)
        assert (asked.state, len(asked.events)) == ("delivered", 7)
        assert await port.ask(shipment_id=shipment.id) == asked
        assert await order_state(house, order) == "delivered"
        answer = await house.rest.post(simulator.WEBHOOK_PATH, content=b"{}")
        assert (answer.status_code, answer.json()["code"]) == (403, "signature_invalid")


async def test_what_is_called_off_or_comes_back_can_be_packed_again(carrier: Carrier) -> None:
    async with opened(carrier) as house:
        port = house.port(Port)
        order = await sold(house, "run_1", ["A1"])
        first = await ship(house, order, "k1")
        off = await port.call_off(shipment_id=first.id, reason="a scratch")
        assert await port.call_off(shipment_id=first.id, reason="a scratch") == off
        assert (off.state, off.booking) == ("called_off", "cancelled")
        assert await carrier.journal(first.id) == ["book", "cancel"]
        assert await refused(port.hand_over(shipment_id=first.id)) == "shipment_state"
        second = await ship(house, order, "k2")
        await port.hand_over(shipment_id=second.id)
        await carrier.scan(second.id, "accepted", "exception", "returned")
        await until(house, second, "returned_to_sender")
        assert await order_state(house, order) == "shipped"
        assert await refused(port.move(shipment_id=second.id, state="delivered", note="")) == "shipment_state"
        third = await ship(house, order, "k3", method="collect")
        await port.hand_over(shipment_id=third.id)
        done = await port.move(shipment_id=third.id, state="delivered", note="at the boutique")
        assert await port.move(shipment_id=third.id, state="delivered", note="again") == done
        assert (done.state, len(done.events)) == ("delivered", 3)
        assert await order_state(house, order) == "delivered"
        assert await refused(port.move(shipment_id=third.id, state="packed", note="")) == "shipment_state"


async def test_a_cancelled_order_takes_its_packed_shipments_along(carrier: Carrier) -> None:
    async with opened(carrier) as house:
        port, orders = house.port(Port), house.port(OrdersPort)
        order = await sold(house, "run_1", ["A1"])
        shipment = await ship(house, order, "k1")
        await orders.begin_cancelling(run="run_c", order_id=order.id, reason="a whim")
        assert await refused(port.hand_over(shipment_id=shipment.id)) == "order_state"
        assert (await port.shipment(shipment_id=shipment.id)).state == "packed"
        await carrier.scan(shipment.id, "accepted")
        found = await until(house, shipment, "packed", 2)
        assert (found.state, found.problem) == ("packed", "the carrier has it, but: the order is cancelling")
        await orders.finish_cancelling(run="run_c", points_back=0, points_taken=0)
        await house.settle()
        off = await port.shipment(shipment_id=shipment.id)
        assert (off.state, off.booking) == ("called_off", "cancelling")
        now = clock.now()
        clock.replace_clock(lambda: now + timedelta(minutes=1))
        try:
            await house.run_jobs("fulfilment")
        finally:
            clock.replace_clock(None)
        told = await port.shipment(shipment_id=shipment.id)
        assert (told.booking, told.problem) == ("cancelling", "the parcel is under way")
        assert [each.id for each in (await port.shipments(troubled=True)).items] == [shipment.id]


async def test_a_parcel_with_an_old_address_does_not_leave_and_is_packed_again(carrier: Carrier) -> None:
    async with opened(carrier) as house:
        port, orders = house.port(Port), house.port(OrdersPort)
        order = await sold(house, "run_1", ["A1"])
        first = await ship(house, order, "k1")
        hotel = msgspec.structs.replace(order.draft.address, name="Mei Chen", line1="32 Zhongshan Road")
        await orders.change_address(order_id=order.id, address=hotel)
        assert await refused(port.hand_over(shipment_id=first.id)) == "address_changed"
        await house.settle()
        assert (await port.shipment(shipment_id=first.id)).state == "called_off"
        second = await ship(house, order, "k2")
        async with house.database("fulfilment").transaction():
            await house.service("fulfilment").call_off_misdirected(order.id)
        assert (await port.hand_over(shipment_id=second.id)).state == "handed_over"
        assert await order_state(house, order) == "shipped"
