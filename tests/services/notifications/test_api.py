"""REST of webhooks, as a member with a session and an integrator with an API key use it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from luxe.services.orders.contract import OrderPlaced
from tests.harness import Running, running
from tests.services.notifications.neighbours import Neighbours, hear, person
from tests.services.notifications.parties import Receiver

ENDPOINTS = "/v1/webhook-endpoints"


@pytest.fixture
async def house(neighbours: Neighbours) -> AsyncIterator[Running]:
    async with running("notifications", stubs=neighbours.stubs, smtp_port=1) as house:
        yield house


@pytest.fixture
def david(neighbours: Neighbours) -> dict[str, str]:
    return neighbours.identity.sign_in(neighbours.identity.add(person("acc_david")))


async def add(house: Running, who: dict[str, str], url: str, key: str = "k1") -> httpx.Response:
    return await house.rest.post(
        ENDPOINTS, json={"url": url, "events": ["order.placed"]}, headers=who | {"idempotency-key": key}
    )


async def test_the_whole_way(house: Running, david: dict[str, str], receiver: Receiver) -> None:
    added = await add(house, david, receiver.url + "/hooks")
    assert added.status_code == 201, added.text
    endpoint, secret = added.json()["endpoint"], added.json()["secret"]
    listed = await house.rest.get(ENDPOINTS, headers=david)
    assert listed.json() == [endpoint]
    assert secret not in listed.text
    await hear(house, OrderPlaced(order_id="ord_1", account_id="acc_david", number="LX-1"))
    await house.service("notifications").idle()
    deliveries = f"{ENDPOINTS}/{endpoint['id']}/deliveries"
    (delivery,) = (await house.rest.get(deliveries, headers=david)).json()["items"]
    again = await house.rest.post(
        f"/v1/webhook-deliveries/{delivery['id']}/redeliver", headers=david | {"idempotency-key": "k2"}
    )
    assert again.status_code == 201, again.text
    await house.service("notifications").idle()
    assert [call.is_signed_with(secret) for call in receiver.calls] == [True, True]
    gone = await house.rest.delete(f"{ENDPOINTS}/{endpoint['id']}", headers=david | {"idempotency-key": "k3"})
    assert gone.status_code == 204
    assert (await house.rest.get(ENDPOINTS, headers=david)).json() == []
    assert (await house.rest.get(deliveries, headers=david)).status_code == 404


async def test_the_secret_is_shown_once(house: Running, david: dict[str, str], receiver: Receiver) -> None:
    assert (await add(house, david, receiver.url)).status_code == 201
    replayed = await add(house, david, receiver.url)
    assert (replayed.status_code, replayed.json()["code"]) == (409, "shown_once")
    assert len((await house.rest.get(ENDPOINTS, headers=david)).json()) == 1


async def test_who_may(house: Running, neighbours: Neighbours, receiver: Receiver) -> None:
    nobody = await house.rest.get(ENDPOINTS)
    assert nobody.status_code == 401
    applicant = neighbours.identity.add(person("acc_anna", roles=[]))
    refused = await add(house, neighbours.identity.sign_in(applicant), receiver.url)
    assert refused.status_code == 403
    integrator = neighbours.identity.add(person("acc_ines", roles=["integrator"]))
    wrong = await add(house, neighbours.identity.sign_in(integrator, "orders:read"), receiver.url)
    assert wrong.status_code == 403
    right = await add(house, neighbours.identity.sign_in(integrator, "webhooks:write"), receiver.url)
    assert right.status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"url": "https://10.0.0.1/", "events": ["order.paid"]}, 400, "endpoint_invalid"),
        ({"url": "https://hooks.example.com/", "events": ["everything"]}, 400, "event_unknown"),
        ({"url": "https://hooks.example.com/", "events": []}, 422, "payload_invalid"),
        ({"url": "https://hooks.example.com/"}, 422, "payload_invalid"),
        ({"url": "https://hooks.example.com/", "events": ["order.paid"], "x": 1}, 422, "payload_invalid"),
    ],
)
async def test_refusals(
    house: Running, david: dict[str, str], body: dict[str, object], status: int, code: str
) -> None:
    answer = await house.rest.post(ENDPOINTS, json=body, headers=david | {"idempotency-key": "k1"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await house.rest.get(ENDPOINTS, headers=david)).json() == []
