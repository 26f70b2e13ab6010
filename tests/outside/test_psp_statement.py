"""The provider's captures in part, disputes and statements."""

import csv
from datetime import UTC, datetime
from io import StringIO

from tests.outside.parties import Merchant, eventually


def lines_of(merchant: Merchant, intent: str) -> list[dict]:
    """The statement's lines of an intent, of today and of the day before (the test may run at midnight)."""
    today = datetime.now(UTC).timestamp()
    days = sorted({datetime.fromtimestamp(today - back, UTC).date().isoformat() for back in (0, 3_600)})
    found: list[dict] = []
    for day in days:
        offset = 0
        while offset is not None:
            answer = merchant.http.get(f"/v1/settlements/{day}", params={"offset": offset, "limit": 2})
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += [line for line in page["lines"] if line["intent"] == intent]
            offset = page["next"]
    return found


def test_a_capture_in_part_leaves_the_rest_authorised(merchant: Merchant):
    intent = merchant.authorised(amount=1_000, currency="USD")
    order = {"amount": 300, "final": False, "reference": "parcel_1"}
    first = merchant.post(f"/v1/intents/{intent}/capture", order).json()
    assert (first["status"], first["amount_captured"]) == ("authorised", 300)
    assert [(part["reference"], part["amount"]) for part in first["captures"]] == [("parcel_1", 300)]
    assert merchant.post(f"/v1/intents/{intent}/capture", {"amount": 701, "final": False}).status_code == 409
    assert merchant.refund(intent, 300, "rma_1").json()["status"] == "authorised"
    ended = merchant.post(f"/v1/intents/{intent}/void").json()
    assert (ended["status"], ended["amount_captured"], ended["amount_refunded"]) == ("captured", 300, 300)
    assert merchant.effects(intent)[2:] == [("capture", 300), ("refund", 300), ("void", 700)]


def test_the_last_part_ends_the_authorisation(merchant: Merchant):
    intent = merchant.authorised(amount=1_000, currency="USD")
    for amount in (400, 600):
        merchant.post(f"/v1/intents/{intent}/capture", {"amount": amount, "final": False})
    assert merchant.status(intent) == "captured"
    assert merchant.get(intent)["amount_captured"] == 1_000


def test_a_dispute_holds_refunds_back_until_it_is_won(merchant: Merchant, listener):
    intent = merchant.authorised(amount=1_000, currency="USD")
    assert merchant.post(f"/control/intents/{intent}/dispute").status_code == 409
    merchant.capture(intent)
    disputed = merchant.post(f"/control/intents/{intent}/dispute", {"amount": 700, "reason": "fraudulent"})
    (dispute,) = disputed.json()["disputes"]
    assert (disputed.json()["status"], dispute["amount"], dispute["state"]) == ("disputed", 700, "open")
    assert merchant.refund(intent, 1).status_code == 409
    closed = merchant.post(f"/control/disputes/{dispute['id']}/close", {"won": True})
    assert (closed.json()["status"], closed.json()["disputes"][0]["state"]) == ("captured", "won")
    assert merchant.post(f"/control/disputes/{dispute['id']}/close", {"won": True}).status_code == 409
    assert merchant.refund(intent, 1_000).status_code == 201
    wanted = ["intent.authorised", "intent.captured", "dispute.opened", "dispute.won", "refund.succeeded"]
    eventually(lambda: listener.types(intent), wanted)
    kinds = sorted((line["type"], line["amount"], line["fee"]) for line in lines_of(merchant, intent))
    assert kinds == [
        ("capture", 1_000, 8),
        ("dispute", -700, 1_500),
        ("dispute_won", 700, 0),
        ("refund", -1_000, 0),
    ]


def test_a_lost_dispute_is_over_and_the_intent_stays_disputed(merchant: Merchant):
    intent = merchant.authorised()
    merchant.capture(intent)
    (dispute,) = merchant.post(f"/control/intents/{intent}/dispute").json()["disputes"]
    lost = merchant.post(f"/control/disputes/{dispute['id']}/close", {"won": False}).json()
    assert (lost["status"], lost["disputes"][0]["state"]) == ("disputed", "lost")
    assert merchant.effects(intent)[-2:] == [("dispute", 980_000), ("dispute_lost", 980_000)]


def test_the_statement_names_what_moved_and_comes_as_csv_too(merchant: Merchant):
    intent = merchant.authorised(reference="ord_statement", amount=10_000, currency="EUR")
    merchant.capture(intent)
    refund = merchant.refund(intent, 2_500, "rma_9").json()["refund"]
    lines = {line["type"]: line for line in lines_of(merchant, intent)}
    assert {kind: (line["amount"], line["fee"]) for kind, line in lines.items()} == {
        "capture": (10_000, 80),
        "refund": (-2_500, 0),
    }
    assert (lines["refund"]["object"], lines["refund"]["object_reference"]) == (refund["id"], "rma_9")
    assert lines["capture"]["reference"] == "ord_statement"
    day = datetime.fromtimestamp(lines["capture"]["created"], UTC).date().isoformat()
    sheet = merchant.http.get(
        f"/v1/settlements/{day}", params={"limit": 5_000}, headers={"accept": "text/csv"}
    )
    assert sheet.headers["content-type"].startswith("text/csv")
    rows = [row for row in csv.DictReader(StringIO(sheet.text)) if row["intent"] == intent]
    assert ("capture", "10000", "EUR") in [(row["type"], row["amount"], row["currency"]) for row in rows]


def test_a_statement_of_nonsense_is_refused(merchant: Merchant):
    for path, query in (("yesterday", {}), ("2026-01-01", {"limit": 0}), ("2026-01-01", {"offset": -1})):
        answer = merchant.http.get(f"/v1/settlements/{path}", params=query)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    empty = merchant.http.get("/v1/settlements/2020-02-29").json()
    assert empty == {"date": "2020-02-29", "final": True, "lines": [], "next": None}
