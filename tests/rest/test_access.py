"""What the document says of roles and scopes is what the interface demands: neither more nor less."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from luxe.app.openapi_words import ACCESS, Access
from luxe.app.registry import unit_names
from luxe.kernel.ids import new_id
from luxe.services.identity.contract import ROLES, SCOPES
from tests.harness import Running, running
from tests.rest.operations import OPERATIONS, Operation

EVERY = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
UNITS = [unit for unit in unit_names() if unit not in ("web", "identity")]


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[Running]:
    """Identity is the harness's, so that a test may be anybody."""
    async with running(*UNITS, rest_per_minute=1_000_000, rest_per_minute_nobody=1_000_000) as house:
        yield house


async def ask(
    house: Running, operation: Operation, *roles: str, scopes: tuple[str, ...] = ()
) -> httpx.Response:
    headers = house.sign_in_as(*roles, scopes=scopes) | {"idempotency-key": new_id("test")}
    content = {"json": operation.body["example"]} if operation.body else {}
    return await house.rest.request(
        operation.method, operation.address(), headers=headers, params=operation.query(), **content
    )


def demanded(operation: Operation) -> Access:
    return ACCESS[operation.name]


def served(operation: Operation) -> bool:
    """Whether the house of this module serves it; identity's own operations are tried with identity."""
    return not operation.path.startswith(("/v1/me", "/v1/api-keys")) or "consents" in operation.path


SERVED = pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS.values() if served(each)], ids=lambda each: each.name
)


@SERVED
async def test_an_api_key_needs_the_scope_and_no_other(house: Running, operation: Operation) -> None:
    access = demanded(operation)
    if access.in_person:
        refused = await ask(house, operation, *ROLES, scopes=SCOPES)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        return
    others = tuple(scope for scope in SCOPES if scope != access.scope)
    refused = await ask(house, operation, *ROLES, scopes=others)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    allowed = await ask(house, operation, *(access.roles[:1] or ("nothing",)), scopes=(access.scope,))
    assert allowed.status_code != 403, allowed.text


@SERVED
async def test_an_account_needs_one_of_the_roles(house: Running, operation: Operation) -> None:
    access = demanded(operation)
    others = [role for role in ROLES if role not in access.roles]
    without = await ask(house, operation, *others)
    if access.roles:
        assert (without.status_code, without.json()["code"]) == (403, "forbidden")
    for role in access.roles:
        assert (await ask(house, operation, role)).status_code != 403
    if not access.roles:
        assert without.status_code != 403


@EVERY
def test_the_description_says_so_in_words(operation: Operation) -> None:
    access = demanded(operation)
    text = operation.described["description"]
    assert all(f"`{role}`" in text for role in access.roles)
    assert ("in person" in text) == access.in_person
    assert access.in_person or f"`{access.scope}`" in text
