"""REST of identity, through a real listener with real session tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from luxe.services.identity.contract import Account
from tests.harness import Running, running
from tests.services.identity.authenticator import Authenticator
from tests.services.identity.people import CHROME, MEI, identity, open_session, register


class Client:
    """Somebody at the REST edge, by session or API key."""

    def __init__(self, house: Running, token: str) -> None:
        self._house = house
        self._bearer = {"authorization": f"Bearer {token}"}
        self._calls = 0

    async def get(self, path: str) -> httpx.Response:
        return await self._house.rest.get(path, headers=self._bearer)

    async def send(self, method: str, path: str, body: Any = None, key: str = "") -> httpx.Response:
        self._calls += 1
        headers = self._bearer | {"idempotency-key": key or f"call-{self._calls}"}
        return await self._house.rest.request(method, path, headers=headers, json=body)


@pytest.fixture
async def house() -> AsyncIterator[Running]:
    async with running("identity") as house:
        yield house


@pytest.fixture
async def mei(house: Running) -> Account:
    return await register(house)


@pytest.fixture
async def client(house: Running, mei: Account) -> Client:
    return Client(house, (await open_session(house, mei)).token)


ROUTES = [
    ("GET", "/v1/me"),
    ("PATCH", "/v1/me"),
    ("GET", "/v1/me/sessions"),
    ("DELETE", "/v1/me/sessions"),
    ("DELETE", "/v1/me/sessions/ses_1"),
    ("GET", "/v1/me/passkeys"),
    ("POST", "/v1/me/passkeys/challenges"),
    ("POST", "/v1/me/passkeys"),
    ("DELETE", "/v1/me/passkeys/pky_1"),
    ("GET", "/v1/api-keys"),
    ("POST", "/v1/api-keys"),
    ("DELETE", "/v1/api-keys/key_1"),
]
BODIES = {
    ("PATCH", "/v1/me"): {"name": "x"},
    ("POST", "/v1/me/passkeys"): {"challenge_id": "c", "credential": "{}"},
    ("POST", "/v1/api-keys"): {"name": "k", "scopes": []},
}


async def test_every_route_asks_who_is_there(house: Running, mei: Account) -> None:
    made = await identity(house).make_api_key(
        account_id=mei.id, name="k", scopes=["members:read", "orders:write"]
    )
    machine = Client(house, made.secret)
    for method, path in ROUTES:
        answer = await house.rest.request(
            method, path, json=BODIES.get((method, path)), headers={"idempotency-key": "k"}
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), path
        answer = await (
            machine.get(path) if method == "GET" else machine.send(method, path, BODIES.get((method, path)))
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path


async def test_me(client: Client, mei: Account) -> None:
    answer = await client.get("/v1/me")
    assert answer.json()["email"] == MEI
    assert answer.json()["id"] == mei.id
    assert "password" not in answer.text.replace("has_password", "")
    changed = await client.send("PATCH", "/v1/me", {"currency": "JPY"})
    assert (changed.status_code, changed.json()) == (200, answer.json() | {"currency": "JPY"})
    refused = await client.send("PATCH", "/v1/me", {"zone": "Mars/Base"})
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (
        400,
        "preference_invalid",
        "zone",
    )
    assert (await client.send("PATCH", "/v1/me", {"email": "x@example.com"})).status_code == 422
    assert (await client.get("/v1/me")).json() == changed.json()


async def test_sessions(house: Running, client: Client, mei: Account) -> None:
    other = await open_session(house, mei, CHROME)
    listed = (await client.get("/v1/me/sessions")).json()
    assert sorted(entry["device"] for entry in listed) == ["Chrome on Linux", "Safari on iPhone"]
    assert (await client.send("DELETE", f"/v1/me/sessions/{other.session_id}")).status_code == 204
    assert (await Client(house, other.token).get("/v1/me")).status_code == 401
    again = await client.send("DELETE", f"/v1/me/sessions/{other.session_id}")
    assert (again.status_code, again.json()["code"]) == (404, "session_unknown")


async def test_signing_out_everywhere(house: Running, client: Client, mei: Account) -> None:
    others = [Client(house, (await open_session(house, mei)).token) for _ in range(2)]
    assert [(await other.get("/v1/me")).status_code for other in others] == [200, 200]
    kept = await client.send("DELETE", "/v1/me/sessions?keep_this=true")
    assert (kept.status_code, kept.json()) == (200, {"ended": 2})
    assert [(await other.get("/v1/me")).status_code for other in others] == [401, 401]
    assert (await client.send("DELETE", "/v1/me/sessions")).json() == {"ended": 1}
    assert (await client.get("/v1/me")).status_code == 401


async def test_nobody_ends_the_session_of_another(house: Running, client: Client) -> None:
    noor = await register(house, email="noor@example.com")
    hers = await open_session(house, noor)
    assert (await client.send("DELETE", f"/v1/me/sessions/{hers.session_id}")).status_code == 404
    assert (await Client(house, hers.token).get("/v1/me")).status_code == 200


async def test_passkeys(client: Client) -> None:
    challenge = (await client.send("POST", "/v1/me/passkeys/challenges")).json()
    body = {
        "challenge_id": challenge["id"],
        "credential": Authenticator().create(challenge["options"]),
        "label": "Phone",
    }
    added = await client.send("POST", "/v1/me/passkeys", body, key="once")
    assert (added.status_code, added.json()["label"]) == (201, "Phone")
    again = await client.send("POST", "/v1/me/passkeys", body, key="once")
    assert (again.status_code, again.json()) == (201, added.json())
    assert (await client.send("POST", "/v1/me/passkeys", body)).json()["code"] == "challenge_unknown"
    assert (await client.get("/v1/me/passkeys")).json() == [added.json()]
    assert (await client.send("DELETE", f"/v1/me/passkeys/{added.json()['id']}")).status_code == 204
    assert (await client.get("/v1/me/passkeys")).json() == []


async def test_the_secret_of_an_api_key_is_shown_once_and_kept_nowhere(
    house: Running, client: Client
) -> None:
    made = await client.send("POST", "/v1/api-keys", {"name": "Till", "scopes": ["orders:read"]}, key="once")
    assert made.status_code == 201
    secret = made.json()["secret"]
    again = await client.send("POST", "/v1/api-keys", {"name": "Till", "scopes": ["orders:read"]}, key="once")
    assert (again.status_code, again.json()["code"]) == (409, "shown_once")
    listed = (await client.get("/v1/api-keys")).json()
    assert [entry["id"] for entry in listed] == [made.json()["key"]["id"]]
    [kept] = await house.rows(
        "identity", "SELECT convert_from(body, 'UTF8') AS body FROM identity.idempotency WHERE key = 'once'"
    )
    assert secret[-43:] not in kept.body
    assert (await client.send("DELETE", f"/v1/api-keys/{listed[0]['id']}")).status_code == 204
    assert (await client.get("/v1/api-keys")).json() == []


async def test_refused_keys_leave_nothing(client: Client) -> None:
    for scopes, status, code in ((["root"], 400, "scope_unknown"), (["rpc:orders"], 403, "scope_forbidden")):
        refused = await client.send("POST", "/v1/api-keys", {"name": "k", "scopes": scopes})
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (await client.get("/v1/api-keys")).json() == []
