"""A member who buys by machine: an API key, a checkout, a card at the PSP, an order."""

from __future__ import annotations

import time
import uuid
from typing import Any

import httpx

from tests.journeys.guest import SUCCEEDS, Guest
from tests.journeys.opened import OpenHouse

SCOPES = [
    "catalog:read", "orders:read", "orders:write", "inventory:read", "inventory:write", "points:read",
]  # fmt: skip
ADDRESS = {
    "name": "Lin Weiran",
    "line1": "12 Anfu Road",
    "city": "Shanghai",
    "region": "Shanghai",
    "postcode": "200031",
    "country": "CN",
    "phone": "+8613812345678",
}


def api_key(house: OpenHouse, who: str, scopes: list[str]) -> str:
    """A fresh API key of one of the demo house's people."""
    guest = Guest(house)
    login = house.logins[who]
    guest.sign_in(login["e-mail"], login["password"])
    answer = guest.http.post(
        "/v1/api-keys",
        json={"name": "tests", "scopes": scopes},
        headers={"idempotency-key": uuid.uuid4().hex},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["secret"]


def stocked(house: OpenHouse, units: int) -> tuple[str, dict[str, Any]]:
    """A variant that has just received so many units, and its price."""
    row = house.rows(
        "SELECT variants.id, prices.minor FROM catalog.variants JOIN catalog.products ON products.id = variants.product_id"
        " JOIN pricing.prices ON prices.variant_id = variants.id AND prices.currency = 'CNY' AND prices.superseded_at IS NULL"
        " WHERE products.slug = 'ruban-twilly' ORDER BY variants.id LIMIT 1"
    )[0]
    operator = Buyer(house, api_key(house, "integrator", SCOPES))
    receipt = {"quantity": units, "reason": "tests", "reference": uuid.uuid4().hex}
    assert operator.call("POST", f"/v1/inventory/{row.id}/receipts", json=receipt).status_code == 201
    return row.id, {"minor": row.minor, "currency": "CNY"}


class Buyer:
    """Speaks REST with one API key. Unsafe calls are sent again with the same key until there is an answer.

    `patience` is in seconds: how long an answer may take; a run may take twice as long.
    """

    def __init__(self, house: OpenHouse, key: str, patience: float = 60) -> None:
        self.house = house
        self.patience = patience
        self._tags: dict[str, str] = {}
        self.http = httpx.Client(
            base_url=house.url,
            headers={"authorization": f"Bearer {key}"},
            timeout=20,
            limits=httpx.Limits(max_connections=4),
        )

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Asks until something other than a lost connection or a 5xx answers."""
        headers = options.pop("headers", {})
        if method != "GET":
            headers = headers | {"idempotency-key": uuid.uuid4().hex}
        deadline = time.monotonic() + self.patience
        while True:
            try:
                answer = self.http.request(method, path, headers=headers, **options)
            except httpx.TransportError:
                answer = None
            if (
                answer is not None
                and answer.status_code < 500
                and (answer.status_code == 304 or answer.json().get("code") != "still_running")
            ):
                return answer
            if time.monotonic() > deadline:
                raise AssertionError(f"{method} {path}: no answer; the last was {answer and answer.text}")
            time.sleep(0.1)

    def start(self, variant_id: str, price: dict[str, Any]) -> httpx.Response:
        body = {
            "lines": [{"variant_id": variant_id, "quantity": 1}],
            "address": ADDRESS,
            "deliver_on": "2099-01-01",
            "expected": price,
        }
        return self.call("POST", "/v1/checkouts", json=body)

    def watch(self, run: str, until: tuple[str, ...]) -> dict[str, Any]:
        """The run once it waits for payment (`pay`) or is in one of the states. Asks with `wait`, as the guide says."""
        deadline = time.monotonic() + 2 * self.patience
        seen: dict[str, Any] = {}
        while True:
            known = {} if "pay" in until else {"if-none-match": self._tags.get(run, "")}
            answer = self.call("GET", f"/v1/checkouts/{run}", params={"wait": 10}, headers=known)
            if answer.status_code != 304:
                seen, self._tags[run] = answer.json(), answer.headers.get("etag", "")
            if seen.get("state") in until or ("pay" in until and seen.get("pay_at")):
                return seen
            if time.monotonic() > deadline:
                raise AssertionError(f"{run} is still {seen}")

    def pay(self, pay_at: str, card: str = SUCCEEDS) -> None:
        """Authorises at the PSP, as its page would."""
        intent = pay_at.rpartition("/")[2]
        deadline = time.monotonic() + self.patience
        while True:
            try:
                self.house.psp("POST", f"/v1/intents/{intent}/authorise", json={"card": card})
            except httpx.HTTPStatusError as error:
                if error.response.status_code in (402, 409):
                    return
            except (httpx.TransportError, OSError):
                pass
            else:
                return
            if time.monotonic() > deadline:
                raise AssertionError(f"the PSP takes no card for {intent}")
            time.sleep(0.1)

    def buy(self, variant_id: str, price: dict[str, Any]) -> dict[str, Any]:
        """One whole purchase; the run's last view."""
        answer = self.start(variant_id, price)
        assert answer.status_code == 202, answer.text
        seen = self.watch(answer.json()["run"], ("pay", "refused", "stuck", "done"))
        if not seen["pay_at"]:
            return seen
        self.pay(seen["pay_at"])
        return self.watch(seen["run"], ("done", "refused", "stuck"))
