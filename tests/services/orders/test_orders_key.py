"""A key belongs to one request: with another body it is refused, and nothing has changed."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.harness import running
from tests.services.orders.drafts import SHANGHAI


async def test_a_key_with_another_body_is_refused() -> None:
    async with running("orders") as house:
        mine = house.sign_in_as("member", subject="acc_david") | {"idempotency-key": "k1"}
        body: Any = msgspec.to_builtins(SHANGHAI)
        made = await house.rest.post("/v1/addresses", json=body, headers=mine)
        assert made.status_code == 201
        other = await house.rest.post("/v1/addresses", json=body | {"line1": "Elsewhere"}, headers=mine)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        kept = (await house.rest.get("/v1/addresses", headers=mine)).json()["items"]
        assert [each["id"] for each in kept] == [made.json()["id"]]


async def test_a_card_number_is_refused_before_its_key_is_kept() -> None:
    async with running("orders") as house:
        mine = house.sign_in_as("member", subject="acc_david")
        body: Any = msgspec.to_builtins(SHANGHAI) | {"line2": "4242 4242 4242 4242"}
        for headers, sent in (
            ({"idempotency-key": "k1"}, body),
            ({"idempotency-key": "4242424242424242"}, {}),
        ):
            answer = await house.rest.post("/v1/addresses", json=sent, headers=mine | headers)
            assert (answer.status_code, answer.json()["code"]) == (400, "card_number_refused")
            assert "4242" not in answer.text
        assert await house.rows("orders", "SELECT key FROM orders.idempotency") == []
