"""Webhooks against a receiver on a real socket: signed, in order, tried again, sent again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.facts import Fact
from luxe.kernel.money import Money
from luxe.services.catalog.contract import ProductChanged
from luxe.services.inventory.contract import StockChanged, StockRanLow
from luxe.services.membership.contract import MembershipActivated
from luxe.services.notifications.contract import WEBHOOK_EVENTS, Delivery, EndpointMade, Port
from luxe.services.orders.contract import OrderCancelled, OrderPaid, OrderPlaced
from tests.harness import Running
from tests.services.notifications.neighbours import NOON, Neighbours, hear, person
from tests.services.notifications.parties import Receiver
from tests.services.statements import statements

DAVID, KEVIN, OTTO = "acc_david", "acc_kevin", "acc_otto"


@pytest.fixture(autouse=True)
def people(neighbours: Neighbours) -> None:
    neighbours.identity.add(person(DAVID))
    neighbours.identity.add(person(KEVIN))
    neighbours.identity.add(person(OTTO, roles=["operator"]))


async def listen(
    port: Port, receiver: Receiver, account_id: str = DAVID, path: str = "/hooks"
) -> EndpointMade:
    return await port.put_endpoint(
        account_id=account_id, url=receiver.url + path, events=list(WEBHOOK_EVENTS)
    )


async def sent(house: Running) -> None:
    await house.service("notifications").idle()


async def again(house: Running) -> None:
    await house.run_jobs("notifications")
    await sent(house)


async def log_of(port: Port, made: EndpointMade, account_id: str = DAVID) -> list[Delivery]:
    """Oldest first."""
    page = await port.deliveries(account_id=account_id, endpoint_id=made.endpoint.id)
    return page.items[::-1]


def story(order_id: str = "ord_1", account_id: str = DAVID) -> list[Fact]:
    return [
        OrderPlaced(order_id=order_id, account_id=account_id, number="LX-1"),
        OrderPaid(
            order_id=order_id,
            account_id=account_id,
            number="LX-1",
            qualifying=Money(980_000, "CNY"),
            points_earned=98,
        ),
    ]


async def test_an_event_is_signed_and_carries_ids_and_public_fields(
    house: Running, port: Port, receiver: Receiver
) -> None:
    made = await listen(port, receiver)
    await hear(house, story()[1])
    await sent(house)
    (call,) = receiver.calls
    assert call.path == "/hooks"
    assert call.is_signed_with(made.secret)
    assert not call.is_signed_with(made.secret + "x")
    assert call.headers["luxe-event-id"] == call.event["id"]
    assert call.event["id"].startswith("evt_")
    assert set(call.event) == {"id", "type", "created", "data"}
    assert call.event["type"] == "order.paid"
    assert call.event["data"] == {
        "order_id": "ord_1",
        "account_id": DAVID,
        "number": "LX-1",
        "qualifying": {"minor": 980_000, "currency": "CNY"},
        "points_earned": 98,
    }
    (delivery,) = await log_of(port, made)
    assert (delivery.state, delivery.status, delivery.attempts) == ("delivered", 204, 1)
    assert delivery.event_id == call.event["id"]


async def test_secrets_differ_and_none_is_stored(house: Running, port: Port, receiver: Receiver) -> None:
    one, two = await listen(port, receiver), await listen(port, receiver)
    assert one.secret.startswith("whsec_")
    assert one.secret != two.secret
    rows = await house.rows("notifications", "SELECT endpoints::text AS whole FROM notifications.endpoints")
    assert len(rows) == 2
    assert not any(made.secret[6:] in row.whole for row in rows for made in (one, two))


async def test_an_account_hears_of_its_own_objects_alone(
    house: Running, port: Port, receiver: Receiver
) -> None:
    await listen(port, receiver, DAVID, "/david")
    await listen(port, receiver, OTTO, "/otto")
    await hear(
        house,
        *story("ord_1", DAVID),
        *story("ord_2", KEVIN),
        OrderCancelled(order_id="ord_3", account_id=KEVIN, number="LX-3", reason="late"),
        MembershipActivated(account_id=KEVIN, tier="silver", number="0001", until=NOON, run="run_1"),
        ProductChanged(product_id="prd_1", version=2, on_sale=True),
        StockChanged(variant_id="var_1"),
        StockRanLow(variant_id="var_1", left=2),
    )
    await sent(house)
    heard: dict[str, list[str]] = {"/david": [], "/otto": []}
    for call in receiver.calls:
        heard[call.path].append(call.event["type"])
    assert sorted(heard["/david"]) == ["order.paid", "order.placed"]
    assert sorted(heard["/otto"]) == [
        "membership.activated", "order.cancelled", "order.paid", "order.paid", "order.placed", "order.placed",
        "product.changed", "stock.changed", "stock.low",
    ]  # fmt: skip
    assert [call.event["data"] for call in receiver.calls if call.event["type"] == "stock.low"] == [
        {"variant_id": "var_1", "left": 2}
    ]
    ids = {call.event["id"] for call in receiver.calls if call.event["data"].get("order_id") == "ord_1"}
    assert len(ids) == 2, "one event has one id, whoever hears it"


async def test_a_role_that_is_taken_away_narrows_what_is_heard(
    house: Running, port: Port, receiver: Receiver, neighbours: Neighbours
) -> None:
    neighbours.identity.add(person(OTTO, roles=["member"]))
    await listen(port, receiver, OTTO)
    await hear(house, StockChanged(variant_id="var_1"), *story("ord_2", KEVIN))
    await sent(house)
    assert receiver.calls == []


async def test_a_later_event_of_the_same_object_waits(
    house: Running, port: Port, receiver: Receiver, later: Callable[[timedelta], None]
) -> None:
    receiver.answers = [500, 503]
    made = await listen(port, receiver)
    await hear(house, story()[0])
    await sent(house)
    await hear(house, story()[1], *story("ord_2"))
    await again(house)
    assert {call.event["data"]["order_id"] for call in receiver.calls if call.status < 300} == set()
    later(timedelta(seconds=6))
    await again(house)
    later(timedelta(seconds=60))
    await again(house)
    taken = [call.event for call in receiver.calls if call.status < 300]
    for order_id in ("ord_1", "ord_2"):
        mine = [event["type"] for event in taken if event["data"]["order_id"] == order_id]
        assert mine == ["order.placed", "order.paid"]
    assert all(call.is_signed_with(made.secret) for call in receiver.calls)


async def test_a_failing_endpoint_is_tried_with_the_same_event_and_given_up(
    house: Running, port: Port, receiver: Receiver, later: Callable[[timedelta], None]
) -> None:
    receiver.answers = [500] * 8
    made = await listen(port, receiver)
    await hear(house, *story())
    await sent(house)
    passed = timedelta()
    for seconds in (6, 31, 121, 601, 3_601, 21_601, 86_401):
        await again(house)
        (waiting, follower) = await log_of(port, made)
        assert (waiting.state, waiting.status, follower.attempts) == ("waiting", 500, 0)
        passed += timedelta(seconds=seconds)
        later(passed)
        await again(house)
    first, follower = await log_of(port, made)
    assert (first.state, first.attempts, first.next_at) == ("given_up", 8, None)
    assert follower.state == "delivered"
    assert len({call.body for call in receiver.calls[:8]}) == 1
    assert receiver.types == ["order.paid"]


@pytest.mark.parametrize("status", [301, 302, 307, 404, 410, 503])
async def test_only_2xx_is_taken_and_no_redirect_is_followed(
    house: Running, port: Port, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]
    made = await listen(port, receiver)
    await hear(house, story()[0])
    await sent(house)
    assert [call.path for call in receiver.calls] == ["/hooks"]
    (delivery,) = await log_of(port, made)
    assert (delivery.state, delivery.status) == ("waiting", status)


async def test_no_answer_is_status_zero(house: Running, port: Port, receiver: Receiver) -> None:
    made = await listen(port, receiver)
    receiver.close()
    await hear(house, story()[0])
    await sent(house)
    (delivery,) = await log_of(port, made)
    assert (delivery.state, delivery.status, delivery.attempts) == ("waiting", 0, 1)


async def test_a_silent_endpoint_does_not_hold_up_another(
    house: Running, port: Port, receiver: Receiver, neighbours: Neighbours
) -> None:
    silent = Receiver()
    try:
        silent.hold.clear()
        await listen(port, silent, OTTO)
        await listen(port, receiver, DAVID)
        await hear(house, *(fact for number in range(8) for fact in story(f"ord_{number}")))
        await _until(lambda: len(receiver.types) == 16)
        assert len(silent.calls) == 4
    finally:
        silent.close()
        await sent(house)


async def test_sent_again_it_is_the_same_event(house: Running, port: Port, receiver: Receiver) -> None:
    made = await listen(port, receiver)
    await hear(house, story()[0])
    await sent(house)
    (first,) = await log_of(port, made)
    second = await port.redeliver(account_id=DAVID, delivery_id=first.id)
    await sent(house)
    assert second.id != first.id
    assert second.event_id == first.event_id
    assert receiver.calls[0].body == receiver.calls[1].body
    assert [each.state for each in await log_of(port, made)] == ["delivered", "delivered"]


async def test_one_that_waits_is_sent_at_once_when_asked(
    house: Running, port: Port, receiver: Receiver
) -> None:
    receiver.answers = [500]
    made = await listen(port, receiver)
    await hear(house, story()[0])
    await sent(house)
    (waiting,) = await log_of(port, made)
    assert (await port.redeliver(account_id=DAVID, delivery_id=waiting.id)).id == waiting.id
    await sent(house)
    (delivered,) = await log_of(port, made)
    assert (delivered.id, delivered.state, delivered.attempts) == (waiting.id, "delivered", 2)


async def test_one_taken_by_a_process_that_died_is_delivered_by_another(
    house: Running, port: Port, receiver: Receiver, later: Callable[[timedelta], None]
) -> None:
    receiver.answers = [500]
    await listen(port, receiver)
    await hear(house, story()[0])
    await sent(house)
    later(timedelta(seconds=6))
    assert len(await house.service("notifications")._webhooks._take(10)) == 1
    await again(house)
    assert receiver.types == []
    later(timedelta(seconds=40))
    await again(house)
    assert receiver.types == ["order.placed"]


async def test_endpoints_and_deliveries_are_their_owners(
    house: Running, port: Port, receiver: Receiver
) -> None:
    made = await listen(port, receiver)
    await hear(house, story()[0])
    await sent(house)
    (delivery,) = await log_of(port, made)
    for code, call in (
        ("endpoint_unknown", port.deliveries(account_id=KEVIN, endpoint_id=made.endpoint.id)),
        ("endpoint_unknown", port.remove_endpoint(account_id=KEVIN, endpoint_id=made.endpoint.id)),
        ("delivery_unknown", port.redeliver(account_id=KEVIN, delivery_id=delivery.id)),
        ("cursor_invalid", port.deliveries(account_id=DAVID, endpoint_id=made.endpoint.id, cursor="x")),
    ):
        with pytest.raises(Refusal) as refused:
            await call
        assert refused.value.code == code
    assert await port.endpoints(account_id=KEVIN) == []
    assert [each.id for each in await port.endpoints(account_id=DAVID)] == [made.endpoint.id]


async def test_a_removed_endpoint_hears_no_more(house: Running, port: Port, receiver: Receiver) -> None:
    receiver.answers = [500]
    made = await listen(port, receiver)
    await hear(house, story()[0])
    await sent(house)
    await port.remove_endpoint(account_id=DAVID, endpoint_id=made.endpoint.id)
    await hear(house, story()[1])
    await again(house)
    assert len(receiver.calls) == 1
    assert await port.endpoints(account_id=DAVID) == []
    rows = await house.rows("notifications", "SELECT state FROM notifications.deliveries")
    assert [row.state for row in rows] == ["given_up"]


async def test_ten_endpoints_and_no_more(port: Port, receiver: Receiver) -> None:
    for _ in range(10):
        await listen(port, receiver)
    with pytest.raises(Refusal) as refused:
        await listen(port, receiver)
    assert refused.value.code == "too_many_endpoints"
    assert len(await port.endpoints(account_id=DAVID)) == 10
    await listen(port, receiver, KEVIN)


@pytest.mark.parametrize(
    ("url", "events", "code"),
    [
        ("http://hooks.example.com/", ["order.paid"], "endpoint_invalid"),
        ("https://169.254.169.254/latest", ["order.paid"], "endpoint_invalid"),
        ("https://[::ffff:10.0.0.1]/", ["order.paid"], "endpoint_invalid"),
        ("https://hooks.example.com/", ["order.lost"], "event_unknown"),
        ("https://hooks.example.com/", [], "event_unknown"),
    ],
)
async def test_a_bad_endpoint_is_refused(port: Port, url: str, events: list[str], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        await port.put_endpoint(account_id=DAVID, url=url, events=events)
    assert refused.value.code == code
    assert await port.endpoints(account_id=DAVID) == []


async def test_a_name_that_leads_inside_is_not_called(house: Running, port: Port, receiver: Receiver) -> None:
    """A whole number is a name to us and 127.0.0.1 to the resolver, as a rebound DNS name would be."""
    url = f"https://2130706433:{receiver.url.rpartition(':')[2]}/hooks"
    made = await port.put_endpoint(account_id=DAVID, url=url, events=["order.placed"])
    await hear(house, story()[0])
    await sent(house)
    (delivery,) = await log_of(port, made)
    assert (delivery.state, delivery.status) == ("waiting", 0)
    assert receiver.calls == []


async def test_the_log_is_paged(house: Running, port: Port, receiver: Receiver) -> None:
    made = await listen(port, receiver)
    await hear(house, *(story(f"ord_{number}")[0] for number in range(5)))
    await sent(house)
    seen, cursor = [], ""
    while True:
        page = await port.deliveries(account_id=DAVID, endpoint_id=made.endpoint.id, cursor=cursor, limit=2)
        seen += [item.object_id for item in page.items]
        if page.next is None:
            break
        cursor = page.next
    assert seen == [f"ord_{number}" for number in (4, 3, 2, 1, 0)]


async def test_a_fact_without_a_listener_costs_nothing(house: Running) -> None:
    await hear(house, StockChanged(variant_id="var_1"))
    with statements(house, "notifications") as said:
        await hear(house, StockChanged(variant_id="var_1"))
    assert said == []


async def _until(true: Callable[[], bool]) -> None:
    """Waits for what other tasks do."""
    deadline = time.monotonic() + 8
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
