"""Thirty-two clients with one Idempotency-Key, through the gateway: one effect, one answer."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.journeys.buyer import ADDRESS, SCOPES, Buyer, api_key, stocked
from tests.journeys.guest import Operator
from tests.journeys.opened import OpenHouse, eventually

CLIENTS = 32

Headers = dict[str, str]


@pytest.fixture(scope="module")
def piece(house: OpenHouse) -> tuple[str, dict[str, Any]]:
    return stocked(house, 10)


@pytest.fixture(scope="module")
def member(house: OpenHouse) -> Headers:
    scopes = [scope for scope in SCOPES if not scope.startswith("inventory")]
    return {"authorization": f"Bearer {api_key(house, 'member', [*scopes, 'bag:read', 'bag:write'])}"}


def at_once(
    house: OpenHouse, path: str, headers: Headers, body: dict[str, Any], key: str
) -> list[httpx.Response]:
    """All clients send at the same moment; who is told that the first is still running asks again, as documented."""
    barrier, answers = threading.Barrier(CLIENTS), []

    def send() -> None:
        with httpx.Client(base_url=house.url, timeout=60) as client:
            client.get("/v1/me", headers=headers)
            barrier.wait()

            def ask() -> httpx.Response | None:
                answer = client.post(path, headers=headers | {"idempotency-key": key}, json=body)
                return None if answer.json().get("code") == "still_running" else answer

            answers.append(eventually(ask, f"an answer of {path}"))

    threads = [threading.Thread(target=send) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def assert_one_answer(answers: list[httpx.Response], status: int) -> dict[str, Any]:
    assert len(answers) == CLIENTS
    assert {(each.status_code, each.content) for each in answers} == {(status, answers[0].content)}
    assert sum("idempotency-replayed" not in each.headers for each in answers) == 1
    return answers[0].json()


def assert_key_is_taken(
    house: OpenHouse, path: str, headers: Headers, body: dict[str, Any], key: str
) -> None:
    answer = httpx.post(house.url + path, headers=headers | {"idempotency-key": key}, json=body, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def unchanged_by(look: Callable[[], Any], act: Callable[[], None]) -> None:
    before = look()
    act()
    assert look() == before


def test_a_checkout_is_started_once(
    house: OpenHouse, member: Headers, piece: tuple[str, dict[str, Any]]
) -> None:
    variant, price = piece
    key, path = uuid.uuid4().hex, "/v1/checkouts"
    body = {
        "lines": [{"variant_id": variant, "quantity": 1}],
        "address": ADDRESS,
        "deliver_on": "2099-01-01",
        "expected": price,
    }

    def runs() -> int:
        return house.rows("SELECT count(*) AS runs FROM checkout.runs")[0].runs

    before = runs()
    run = assert_one_answer(at_once(house, path, member, body, key), 202)["run"]
    assert runs() == before + 1
    unchanged_by(
        runs, lambda: assert_key_is_taken(house, path, member, body | {"gift_message": "another"}, key)
    )
    held = "SELECT count(*) AS units FROM inventory.units WHERE run = :run AND held_until IS NOT NULL"
    eventually(lambda: house.rows(held, run=run)[0].units == 1, "one unit held")
    given_up = {"idempotency-key": uuid.uuid4().hex}
    assert httpx.post(f"{house.url}{path}/{run}/abandon", headers=member | given_up).status_code < 300
    eventually(lambda: house.rows(held, run=run)[0].units == 0, "nothing held")


def test_a_piece_is_put_in_the_bag_once(
    house: OpenHouse, member: Headers, piece: tuple[str, dict[str, Any]]
) -> None:
    key, path, body = uuid.uuid4().hex, "/v1/bag/lines", {"variant_id": piece[0], "quantity": 1}

    def pieces() -> int:
        lines = httpx.get(f"{house.url}/v1/bag", headers=member).json()["lines"]
        return sum(line["quantity"] for line in lines if line["variant_id"] == piece[0])

    before = pieces()
    assert_one_answer(at_once(house, path, member, body, key), 200)
    assert pieces() == before + 1
    unchanged_by(pieces, lambda: assert_key_is_taken(house, path, member, body | {"quantity": 2}, key))


def test_money_goes_back_once(house: OpenHouse, member: Headers, piece: tuple[str, dict[str, Any]]) -> None:
    buyer = Buyer(house, member["authorization"].removeprefix("Bearer "))
    order = buyer.buy(*piece)["order_id"]
    operator = Operator(house)
    cookies = "; ".join(f"{name}={value}" for name, value in operator.http.cookies.items())
    headers = {"cookie": cookies, "origin": house.url}
    key, path = uuid.uuid4().hex, "/v1/refunds"
    body = {
        "order_id": order,
        "amount": {"minor": 12_345, "currency": piece[1]["currency"]},
        "kind": "goodwill",
        "reason": "It came late",
    }

    def given_back() -> list[int]:
        found = house.rows(
            "SELECT intents.psp_id FROM payments.intents JOIN orders.orders ON orders.run = intents.run WHERE orders.id = :id",
            id=order,
        )
        journal = house.psp("GET", "/control/journal", params={"intent": found[0].psp_id})["data"]
        return [each["amount"] for each in journal if each["effect"] == "refund"]

    run = assert_one_answer(at_once(house, path, headers, body, key), 202)["run"]
    state = "SELECT state FROM refund.runs WHERE id = :run"
    eventually(lambda: house.rows(state, run=run)[0].state == "done", "the refund")
    assert given_back() == [12_345]
    dearer = body | {"amount": {"minor": 12_346, "currency": piece[1]["currency"]}}
    unchanged_by(given_back, lambda: assert_key_is_taken(house, path, headers, dearer, key))
