"""Each way in which the provider can fail, asserted to the last event and effect."""

import time

import httpx
import pytest

from tests.outside.parties import Listener, Merchant, eventually


def delivered(merchant: Merchant, intent: str) -> list[tuple[str, int]]:
    """What the provider sent for an intent, and how it was answered."""
    sent = merchant.http.get("/control/deliveries", params={"intent": intent}).json()["data"]
    return [(delivery["kind"], delivery["status"]) for delivery in sent]


def test_an_event_is_signed_and_carries_the_intent(merchant: Merchant, listener: Listener):
    intent = merchant.authorised(reference="ord_signed")
    eventually(lambda: listener.types(intent), ["intent.authorised"])
    hook = listener.of(intent)[0]
    assert hook.genuine()
    assert hook.event["data"] == merchant.get(intent)
    assert hook.event["id"].startswith("evt_")


def test_events_of_an_intent_come_in_order(merchant: Merchant, listener: Listener):
    intent = merchant.authorised()
    merchant.capture(intent)
    merchant.refund(intent, 80_000)
    merchant.refund(intent, 900_000)
    wanted = ["intent.authorised", "intent.captured", "refund.succeeded", "refund.succeeded"]
    eventually(lambda: listener.types(intent), wanted)
    assert [hook.event["data"]["amount_refunded"] for hook in listener.of(intent)] == [0, 0, 80_000, 980_000]
    assert listener.of(intent)[2].event["data"]["refund"]["amount"] == 80_000


def test_an_unaccepted_event_is_sent_again_with_the_same_id(merchant: Merchant, listener: Listener):
    listener.failing = 2
    intent = merchant.authorised()
    eventually(lambda: listener.types(intent), ["intent.authorised"])
    hooks = listener.of(intent)
    assert [hook.accepted for hook in hooks] == [False, False, True]
    assert len({hook.event["id"] for hook in hooks}) == 1
    assert hooks[1].at - hooks[0].at >= 0.45
    eventually(lambda: delivered(merchant, intent), [("event", 503), ("event", 503), ("event", 204)])


def test_a_lost_event_never_comes_and_the_next_one_does(merchant: Merchant, listener: Listener):
    merchant.fault(webhook={"lose": 1})
    intent = merchant.authorised()
    merchant.capture(intent)
    eventually(lambda: listener.types(intent), ["intent.captured"])
    events = merchant.http.get("/control/events", params={"intent": intent}).json()["data"]
    assert [(event["type"], event["state"]) for event in events if event["state"] == "lost"] == [
        ("intent.authorised", "lost")
    ]
    assert merchant.http.get("/control/faults").json()["webhook"]["lose"] == 0


def test_a_doubled_event_comes_twice(merchant: Merchant, listener: Listener):
    merchant.fault(webhook={"duplicate": 1})
    intent = merchant.authorised()
    eventually(lambda: listener.types(intent), ["intent.authorised"] * 2)
    assert len({hook.event["id"] for hook in listener.of(intent)}) == 1
    assert merchant.effects(intent) == [("create", 980_000), ("authorise", 980_000)]


def test_a_delayed_event_comes_late(merchant: Merchant, listener: Listener):
    merchant.fault(webhook={"delay_ms": 600})
    intent = merchant.create()
    before = time.time()
    merchant.authorise(intent)
    eventually(lambda: listener.types(intent), ["intent.authorised"])
    assert listener.of(intent)[0].at - before >= 0.6


def test_reordered_events_come_newest_first(merchant: Merchant, listener: Listener):
    merchant.fault(webhook={"reorder": True})
    intent = merchant.authorised()
    merchant.capture(intent)
    eventually(lambda: listener.types(intent), ["intent.captured", "intent.authorised"])


def test_a_single_event_under_reordering_still_comes(merchant: Merchant, listener: Listener):
    merchant.fault(webhook={"reorder": True})
    intent = merchant.authorised()
    eventually(lambda: listener.types(intent), ["intent.authorised"])


def test_forged_events_come_in_three_forms_before_the_true_one(merchant: Merchant, listener: Listener):
    merchant.fault(webhook={"forge": True})
    intent = merchant.authorised()
    eventually(lambda: listener.types(intent), ["intent.authorised"])
    assert [hook.genuine() for hook in listener.of(intent)] == [False, False, False, True]
    eventually(
        lambda: delivered(merchant, intent),
        [
            ("forged:wrong_secret", 400),
            ("forged:altered_body", 400),
            ("forged:stale", 400),
            ("event", 204),
        ],
    )
    assert listener.of(intent)[0].event["data"]["amount_captured"] == 2 * 980_000
    assert merchant.effects(intent) == [("create", 980_000), ("authorise", 980_000)]


def test_a_time_out_before_the_effect_leaves_nothing(merchant: Merchant):
    intent = merchant.authorised()
    merchant.fault(api={"operation": "capture", "mode": "timeout_before", "hold_ms": 20_000})
    with pytest.raises(httpx.ReadTimeout):
        merchant.post(f"/v1/intents/{intent}/capture", {}, "before", timeout=0.3)
    assert merchant.status(intent) == "authorised"
    assert merchant.capture(intent, key="before").json()["status"] == "captured"
    assert merchant.effects(intent)[2:] == [("capture", 980_000)]


def test_a_time_out_after_the_effect_hides_it(merchant: Merchant, listener: Listener):
    intent = merchant.authorised()
    merchant.fault(api={"operation": "capture", "mode": "timeout_after", "hold_ms": 20_000})
    with pytest.raises(httpx.ReadTimeout):
        merchant.post(f"/v1/intents/{intent}/capture", {}, "after", timeout=0.3)
    assert merchant.status(intent) == "captured"
    eventually(lambda: listener.types(intent), ["intent.authorised", "intent.captured"])
    assert merchant.capture(intent, key="after").json()["status"] == "captured"
    assert merchant.effects(intent)[2:] == [("capture", 980_000)]


def test_a_time_out_that_is_waited_for_ends_in_504(merchant: Merchant):
    merchant.fault(api={"operation": "create", "mode": "timeout_after", "hold_ms": 50})
    order = merchant.order(reference="ord_late")
    assert merchant.post("/v1/intents", order, "late").status_code == 504
    found = merchant.http.get("/v1/intents", params={"reference": "ord_late"}).json()["data"]
    assert len(found) == 1
    assert merchant.post("/v1/intents", order, "late").json() == found[0]


@pytest.mark.parametrize("operation", ["create", "capture", "void", "refund", "get"])
def test_each_operation_can_stumble_without_effect(merchant: Merchant, operation: str):
    intent = merchant.authorised()
    if operation == "refund":
        merchant.capture(intent)
    before = merchant.effects(intent)
    merchant.fault(api={"operation": operation, "mode": "error_500", "count": 2})
    calls = {
        "create": lambda: merchant.post("/v1/intents", merchant.order(reference="ord_stumble")),
        "capture": lambda: merchant.capture(intent),
        "void": lambda: merchant.post(f"/v1/intents/{intent}/void"),
        "refund": lambda: merchant.refund(intent, 1),
        "get": lambda: merchant.http.get(f"/v1/intents/{intent}"),
    }
    answers = [calls[operation]().status_code for _ in range(2)]
    assert answers == [500, 500]
    assert merchant.effects(intent) == before
    assert calls[operation]().status_code in (200, 201)


def test_faults_are_checked_shown_and_cleared(merchant: Merchant):
    wrong = merchant.http.post("/control/faults", json={"api": {"operation": "pay", "mode": "error_500"}})
    assert wrong.status_code == 422
    merchant.fault(webhook={"lose": 3}, api={"operation": "void", "mode": "error_500", "count": 4})
    shown = merchant.http.get("/control/faults").json()
    assert (shown["webhook"]["lose"], shown["api"][0]["count"]) == (3, 4)
    cleared = merchant.http.delete("/control/faults").json()
    assert (cleared["webhook"]["lose"], cleared["api"]) == (0, [])
