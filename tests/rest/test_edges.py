"""What every route of `/v1` gets from the edge: clean text, conditional reads, limits, one effect for one key."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from luxe.app import openapi_examples as examples
from luxe.kernel.ids import new_id
from luxe.services.bag.contract import Port as BagPort
from luxe.services.identity.contract import Account
from luxe.services.identity.contract import Port as IdentityPort
from tests.harness import running
from tests.rest.house import RestHouse

LINE = {"variant_id": examples.VARIANT, "quantity": 1}


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.json()["status"] == answer.status_code
    assert answer.json()["request_id"]
    return answer.status_code, answer.json()["code"]


async def post_raw(
    opened: RestHouse, path: str, body: bytes, kind: str = "application/json"
) -> httpx.Response:
    return await opened.send("POST", path, opened.sessions["weiran"] | {"content-type": kind}, content=body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (rb'{"name": "a\u0000b", "scopes": []}', (400, "text_invalid")),
        (b'{"name": "a\0b", "scopes": []}', (400, "text_invalid")),
        (b'{"name": "\xff\xfe", "scopes": []}', (400, "text_invalid")),
        (rb'{"name": "\ud800", "scopes": []}', (400, "json_malformed")),
        (b'{"name": "a", "scopes": [', (400, "json_malformed")),
        (b"", (422, "payload_invalid")),
        (b"[" * 60_000 + b"]" * 60_000, (400, "json_too_deep")),
        (b'{"x":' * 90_000 + b"1" + b"}" * 90_000, (400, "json_too_deep")),
        (
            b'{"name": "a", "scopes": ["root"], "x":' + b"[" * 300 + b"]" * 300 + b"}",
            (422, "payload_invalid"),
        ),
        (b"[" * 400_000, (400, "json_too_deep")),
        (b'"' + b"x" * 1_000_001 + b'"', (413, "payload_too_large")),
        (b'{"name": 5, "scopes": []}', (422, "payload_invalid")),
        (b"[]", (422, "payload_invalid")),
        (b"null", (422, "payload_invalid")),
    ],
    ids=lambda each: each[:20] if isinstance(each, bytes) else None,
)
async def test_a_body_that_cannot_be_read_changes_nothing(
    opened: RestHouse, body: bytes, expected: tuple[int, str]
) -> None:
    before = await opened.send("GET", "/v1/api-keys", opened.sessions["weiran"])
    assert problem(await post_raw(opened, "/v1/api-keys", body)) == expected
    assert (await opened.send("GET", "/v1/api-keys", opened.sessions["weiran"])).json() == before.json()


async def test_a_backslash_before_u0000_is_only_text(opened: RestHouse) -> None:
    answer = await post_raw(opened, "/v1/api-keys", rb'{"name": "a\\u0000b", "scopes": []}')
    assert (answer.status_code, answer.json()["key"]["name"]) == (201, r"a\u0000b")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
async def test_only_json_is_understood(opened: RestHouse, kind: str) -> None:
    answer = await post_raw(opened, "/v1/bag/lines", json.dumps(LINE).encode(), kind)
    assert problem(answer) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/products/a%00b", (400, "text_invalid")),
        ("/v1/products/%ff", (400, "text_invalid")),
        ("/v1/products/%ed%a0%80", (400, "text_invalid")),
        ("/v1/search?q=%00", (400, "text_invalid")),
        ("/v1/search?q=%ff", (400, "text_invalid")),
        ("/v1/products/" + "x" * 1_500, (414, "address_too_long")),
        ("/v1/search?q=" + "x" * 8_000, (414, "address_too_long")),
        ("/v1/products?cursor=nonsense", (400, "cursor_invalid")),
        ("/v1/orders?cursor=nonsense", (400, "cursor_invalid")),
        ("/v1/payments?cursor=nonsense", (400, "cursor_invalid")),
        ("/v1/points/statement?cursor=nonsense", (400, "cursor_invalid")),
        ("/v1/products?limit=99999999999999999999999999", (400, "parameter_invalid")),
        ("/v1/products?limit=ten", (400, "parameter_invalid")),
        ("/v1/search?price_from=1e99999", (400, "query_invalid")),
        ("/v1/nothing/here", (404, "not_found")),
    ],
    ids=lambda each: each[:40] if isinstance(each, str) else None,
)
async def test_an_address_that_cannot_be_meant_is_refused(
    opened: RestHouse, path: str, expected: tuple[int, str]
) -> None:
    assert problem(await opened.send("GET", path, opened.sessions["weiran"])) == expected


@pytest.mark.parametrize("quantity", [2**31, 2**63, 2**64, 10**40, -(10**40)])
async def test_numbers_beyond_a_column_are_refused(opened: RestHouse, quantity: int) -> None:
    for path, body in (
        ("/v1/bag/lines", {"variant_id": examples.VARIANT, "quantity": quantity}),
        (
            f"/v1/inventory/{examples.VARIANT}/receipts",
            {"quantity": quantity, "reason": "r", "reference": "r"},
        ),
        ("/v1/checkouts", {**(examples.EXAMPLES["startCheckout"].body or {}), "points": quantity}),
    ):
        who = "li" if "inventory" in path else "weiran"
        answer = await opened.send("POST", path, opened.sessions[who], json=body)
        assert answer.status_code in (400, 422), (path, answer.text)
        problem(answer)


@pytest.mark.parametrize(
    "path",
    ["/v1/applications", "/v1/audit", f"/v1/webhook-endpoints/{examples.ENDPOINT}/deliveries"],
)
async def test_a_cursor_that_no_listing_gave_is_refused(opened: RestHouse, path: str) -> None:
    who = "weiran" if "webhook" in path else "li"
    answer = await opened.send("GET", f"{path}?cursor=nonsense", opened.sessions[who])
    assert problem(answer) == (400, "cursor_invalid")


async def test_nobody_outside_learns_whether_an_address_exists(opened: RestHouse) -> None:
    told = {
        problem(await opened.house.rest.request(method, path))
        for method, path in (
            ("GET", "/v1/products/half-moon-bag"),
            ("GET", "/v1/products/nothing"),
            ("GET", "/v1/nothing/at/all"),
            ("POST", "/v1/bag/lines"),
            ("GET", "/v1/products?limit=broken"),
            ("DELETE", "/v1/products"),
        )
    }
    assert told == {(401, "unauthenticated")}


async def test_a_read_is_answered_304_until_it_changes(opened: RestHouse) -> None:
    mine = opened.sessions["weiran"]
    first = await opened.send("GET", "/v1/wishes", mine)
    etag = {"if-none-match": first.headers["etag"]}
    same = await opened.send("GET", "/v1/wishes", mine | etag)
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
    listed = {"if-none-match": f'"other", W/{first.headers["etag"]}'}
    assert (await opened.send("GET", "/v1/wishes", mine | listed)).status_code == 304
    await opened.send("PUT", f"/v1/wishes/{examples.PRODUCT}", mine)
    changed = await opened.send("GET", "/v1/wishes", mine | etag)
    assert (changed.status_code, changed.json()) == (200, {"items": [examples.PRODUCT]})
    assert changed.headers["etag"] != first.headers["etag"]
    assert "etag" not in (await opened.send("GET", "/v1/orders/nothing", mine)).headers


async def test_one_key_has_one_effect(opened: RestHouse) -> None:
    mine = opened.sessions["weiran"]
    bags, account = opened.house.port(BagPort), opened.accounts["weiran"].id

    async def pieces() -> int:
        return await bags.count(account_id=account)

    before = await pieces()
    missing = await opened.house.rest.post("/v1/bag/lines", headers=mine, json=LINE)
    assert problem(missing) == (400, "idempotency_key_missing")
    for key in ("", "k" * 201, "sp ace", "\N{SNOWMAN}".encode()):
        headers: Any = [*mine.items(), ("idempotency-key", key)]
        bad = await opened.house.rest.post("/v1/bag/lines", headers=headers, json=LINE)
        assert problem(bad) == (400, "idempotency_key_missing")
    assert await pieces() == before
    first = await opened.send("POST", "/v1/bag/lines", mine, key="one", json=LINE)
    again = await opened.send("POST", "/v1/bag/lines", mine, key="one", json=LINE)
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    other = await opened.send("POST", "/v1/bag/lines", mine, key="one", json=LINE | {"quantity": 2})
    assert problem(other) == (422, "idempotency_key_reused")
    assert await pieces() == before + 1


async def test_a_refused_call_leaves_its_key_free(opened: RestHouse) -> None:
    mine = opened.sessions["weiran"]
    unknown = await opened.send("POST", "/v1/bag/lines", mine, key="free", json={"variant_id": "var_no"})
    assert problem(unknown) == (404, "variant_unknown")
    assert (await opened.send("POST", "/v1/bag/lines", mine, key="free", json=LINE)).status_code == 200


async def test_while_the_first_is_running_the_second_is_told_so(opened: RestHouse) -> None:
    mine, database = opened.sessions["weiran"], opened.house.database("bag")
    route = "PUT /v1/wishes/" + examples.PRODUCT
    async with database.engine.connect() as running_call:
        table = database.metadata.tables["bag.idempotency"]
        values = {
            "caller": opened.accounts["weiran"].id,
            "route": route,
            "key": "slow",
            "fingerprint": "",
            "at": opened.accounts["weiran"].created_at,
        }
        await running_call.execute(table.insert().values(values))
        answer = await opened.send("PUT", f"/v1/wishes/{examples.PRODUCT}", mine, key="slow")
        assert problem(answer) == (409, "still_running")
        await running_call.rollback()
    assert (await opened.send("PUT", f"/v1/wishes/{examples.PRODUCT}", mine, key="slow")).status_code == 204


async def test_many_at_once_with_one_key_have_one_effect(opened: RestHouse) -> None:
    mine = opened.sessions["weiran"]
    address = {**(examples.EXAMPLES["saveAddress"].body or {}), "line1": new_id("street")}
    calls = [opened.send("POST", "/v1/addresses", mine, key="race", json=address) for _ in range(6)]
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    kept = (await opened.send("GET", "/v1/addresses", mine)).json()["items"]
    assert [each["id"] for each in kept if each["address"]["line1"] == address["line1"]] == list(made)


async def test_beyond_the_limit_a_caller_is_told_when_to_return() -> None:
    async with running("identity", rest_per_minute=3, rest_per_minute_nobody=2) as house:
        account: Account = await house.port(IdentityPort).register(
            place="", email="a@example.com", name="A", locale="en", currency="CNY"
        )
        session = await house.port(IdentityPort).open_session(
            account_id=account.id, device="test", address="203.0.113.7", method="registration"
        )
        mine = {"authorization": f"Bearer {session.token}"}
        answers = [await house.rest.get("/v1/me", headers=mine) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        told = [
            (answer.headers["ratelimit-limit"], answer.headers["ratelimit-remaining"]) for answer in answers
        ]
        assert told == [("3", "2"), ("3", "1"), ("3", "0"), ("3", "0")]
        assert all(1 <= int(answer.headers["ratelimit-reset"]) <= 60 for answer in answers)
        assert problem(answers[3]) == (429, "too_many_requests")
        assert 1 <= int(answers[3].headers["retry-after"]) == answers[3].json()["retry_after"] <= 60
        strangers = [(await house.rest.get("/v1/me")).status_code for _ in range(3)]
        assert strangers == [401, 401, 429]
        assert (await house.rest.get("/healthz")).status_code == 200


async def test_a_method_that_is_not_meant_is_told_which_are(opened: RestHouse) -> None:
    answer = await opened.send("DELETE", "/v1/products", opened.sessions["weiran"])
    assert problem(answer) == (405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/luxe.inventory.v1.Inventory/Availability", {"variant_ids": ["a\0b"]}),
        ("/luxe.catalog.v1.Catalog/Product", {"slug": "\0", "locale": "en"}),
        ("/luxe.inventory.v1.Inventory/Release", {"run": "\0"}),
    ],
)
async def test_values_that_no_column_takes_are_no_fault_of_ours(
    opened: RestHouse, path: str, body: dict[str, Any]
) -> None:
    answer = await opened.house.rest.post(path, headers=opened.keys["li"], json=body)
    assert "value_invalid" in answer.text
    assert answer.status_code == 422
