"""The provider's API: exact money, allowed moves, one effect per key."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.outside.parties import Merchant, eventually


def test_a_new_intent_is_described_exactly(merchant: Merchant):
    created = merchant.post("/v1/intents", merchant.order(reference="ord_new")).json()
    assert created | {"id": "pi", "created": 0, "expires_at": 0, "hosted_url": ""} == {
        "id": "pi",
        "status": "requires_method",
        "amount": 980_000,
        "amount_captured": 0,
        "amount_refunded": 0,
        "currency": "CNY",
        "reference": "ord_new",
        "hosted_url": "",
        "failure_code": None,
        "created": 0,
        "capture": "manual",
        "method": None,
        "expires_at": 0,
    }
    assert created["hosted_url"] == f"http://localhost:8400/psp/pay/{created['id']}"
    assert created["expires_at"] - created["created"] == 3600
    assert merchant.get(created["id"]) == created
    found = merchant.http.get("/v1/intents", params={"reference": "ord_new"}).json()
    assert found == {"data": [created]}


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": 10.5},
        {"amount": "980000"},
        {"amount": True},
        {"amount": 10**12 + 1},
        {"currency": "cny"},
        {"currency": "ZZZ"},
        {"return_url": "javascript:alert(1)"},
        {"methods": []},
        {"methods": ["cash"]},
        {"capture": "later"},
        {"reference": ""},
    ],
)
def test_a_wrong_order_is_refused_and_makes_nothing(merchant: Merchant, change: dict[str, Any]):
    reference = "ord_wrong"
    answer = merchant.post("/v1/intents", merchant.order(reference=reference) | change)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert merchant.http.get("/v1/intents", params={"reference": reference}).json() == {"data": []}


def test_malformed_json_a_missing_key_and_strangers_are_refused(merchant: Merchant):
    bad = merchant.http.post("/v1/intents", content=b"{", headers={"Idempotency-Key": "bad"})
    assert (bad.status_code, bad.json()["code"]) == (400, "malformed_json")
    keyless = merchant.http.post("/v1/intents", json=merchant.order())
    assert (keyless.status_code, keyless.json()["code"]) == (400, "idempotency_key_required")
    for path in ("/v1/intents/pi_x", "/control/journal", "/control/faults"):
        stranger = httpx.get(f"{merchant.root}/psp{path}", headers={"Authorization": "Bearer other"})
        assert (stranger.status_code, stranger.json()["code"]) == (401, "unauthorised")
    unknown = merchant.http.get("/v1/intents/pi_x")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_intent")


def test_capture_takes_everything_once(merchant: Merchant):
    intent = merchant.authorised()
    captured = merchant.capture(intent)
    assert (captured.status_code, captured.json()["status"]) == (200, "captured")
    assert captured.json()["amount_captured"] == 980_000
    assert captured.json()["method"] == {"type": "card", "brand": "visa", "last4": "4242"}
    again = merchant.capture(intent)
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    assert merchant.effects(intent) == [("create", 980_000), ("authorise", 980_000), ("capture", 980_000)]


def test_a_partial_capture_and_refunds_never_exceed(merchant: Merchant):
    intent = merchant.authorised(amount=10_001, currency="JPY")
    over = merchant.capture(intent, 10_002)
    assert (over.status_code, over.json()["code"]) == (409, "capture_exceeds_authorised")
    assert merchant.status(intent) == "authorised"
    assert merchant.capture(intent, 7_000).json()["amount_captured"] == 7_000
    first = merchant.refund(intent, 6_999, "rma_7")
    assert (first.status_code, first.json()["amount_refunded"]) == (201, 6_999)
    assert (first.json()["refund"]["amount"], first.json()["refund"]["reference"]) == (6_999, "rma_7")
    beyond = merchant.refund(intent, 2)
    assert (beyond.status_code, beyond.json()["code"]) == (409, "refund_exceeds_captured")
    assert merchant.refund(intent, 1).json()["amount_refunded"] == 7_000
    assert merchant.effects(intent)[2:] == [("capture", 7_000), ("refund", 6_999), ("refund", 1)]


def test_concurrent_refunds_stop_at_what_was_captured(merchant: Merchant):
    intent = merchant.authorised(amount=1_000, currency="USD")
    merchant.capture(intent)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: merchant.refund(intent, 300).status_code, range(10)))
    assert sorted(answers) == [201] * 3 + [409] * 7
    assert merchant.get(intent)["amount_refunded"] == 900


def test_void_releases_and_forbids_capture(merchant: Merchant):
    intent = merchant.authorised()
    assert merchant.post(f"/v1/intents/{intent}/void").json()["status"] == "voided"
    assert merchant.capture(intent).status_code == 409
    assert merchant.post(f"/v1/intents/{intent}/void").status_code == 409
    assert merchant.effects(intent)[-1] == ("void", 980_000)


def test_automatic_capture_follows_the_authorisation(merchant: Merchant, listener: Any):
    intent = merchant.create(capture="automatic")
    assert merchant.authorise(intent).json()["status"] == "captured"
    eventually(lambda: listener.types(intent), ["intent.authorised", "intent.captured"])
    statuses = [hook.event["data"]["status"] for hook in listener.of(intent)]
    assert statuses == ["authorised", "captured"]


def test_the_same_key_gives_the_same_answer_and_another_body_is_refused(merchant: Merchant):
    intent = merchant.authorised()
    first = merchant.capture(intent, 500, key="capture-once")
    again = merchant.capture(intent, 500, key="capture-once")
    assert (again.status_code, again.content) == (200, first.content)
    other = merchant.capture(intent, 501, key="capture-once")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    elsewhere = merchant.post(f"/v1/intents/{intent}/void", key="capture-once")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "idempotency_key_reused")
    assert merchant.effects(intent)[2:] == [("capture", 500)]


def test_the_same_key_at_the_same_time_has_one_effect(merchant: Merchant):
    order = merchant.order(reference="ord_race")
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: merchant.post("/v1/intents", order, "race"), range(24)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(merchant.http.get("/v1/intents", params={"reference": "ord_race"}).json()["data"]) == 1


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("4000000000009995", "insufficient_funds"),
        ("4000000000000069", "expired_card"),
        ("4000000000006975", "limit_exceeded"),
        ("4000000000000002", "card_declined"),
    ],
)
def test_a_decline_fails_the_intent(merchant: Merchant, card: str, code: str):
    intent = merchant.create()
    answer = merchant.authorise(intent, card)
    assert (answer.status_code, answer.json()["code"]) == (402, code)
    assert (merchant.status(intent), merchant.get(intent)["failure_code"]) == ("failed", code)
    assert merchant.effects(intent) == [("create", 980_000), ("decline", 980_000)]
    assert merchant.capture(intent).status_code == 409


def test_a_wrong_card_changes_nothing(merchant: Merchant):
    intent = merchant.create()
    wrong = {
        "card_number_invalid": "4242424242424241",
        "card_number_not_a_test_card": "4111111111111111",
        "card_expiry_past": {"number": "4242424242424242", "expiry": "01/20"},
        "card_cvc_invalid": {"number": "4242424242424242", "cvc": "12"},
    }
    for code, card in wrong.items():
        answer = merchant.authorise(intent, card)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert merchant.effects(intent) == [("create", 980_000)]


def test_a_challenge_passes_with_the_code_and_fails_after_three_tries(merchant: Merchant):
    intent = merchant.create()
    assert merchant.authorise(intent, "4000000000003220").json()["status"] == "requires_action"
    assert merchant.post(f"/v1/intents/{intent}/challenge", {"code": "000000"}).status_code == 200
    passed = merchant.post(f"/v1/intents/{intent}/challenge", {"code": "123456"})
    assert passed.json()["status"] == "authorised"
    other = merchant.create()
    merchant.authorise(other, "4000000000003220")
    tries = [merchant.post(f"/v1/intents/{other}/challenge", {"code": "1"}).status_code for _ in range(4)]
    assert tries == [200, 200, 402, 409]
    assert merchant.get(other)["failure_code"] == "authentication_failed"


def test_a_slow_bank_decides_later(merchant: Merchant, listener: Any):
    intent = merchant.create()
    assert merchant.authorise(intent, "4000000000000077").json()["status"] == "requires_action"
    assert merchant.capture(intent).status_code == 409
    eventually(lambda: listener.types(intent), ["intent.authorised"])
    assert merchant.status(intent) == "authorised"


def test_an_unpaid_intent_expires_and_cannot_be_paid(merchant: Merchant, listener: Any):
    intent = merchant.create(expires_in=1)
    eventually(lambda: merchant.status(intent), "expired")
    answer = merchant.authorise(intent)
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    eventually(lambda: listener.types(intent), ["intent.expired"])
    assert merchant.effects(intent) == [("create", 980_000), ("expire", 980_000)]


def test_an_authorisation_can_lapse_before_its_capture(merchant: Merchant):
    intent = merchant.authorised()
    assert merchant.post(f"/control/intents/{intent}/expire").json()["status"] == "expired"
    assert merchant.capture(intent).status_code == 409
    assert merchant.effects(intent)[-1] == ("expire", 980_000)
