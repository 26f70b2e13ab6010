"""Roles, each with who, when and why; API keys and what they may."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from luxe.kernel.auth import NOBODY
from luxe.kernel.context import Context, entered
from luxe.kernel.errors import Refusal
from luxe.kernel.facts import Envelope, Fact, fact_type
from luxe.kernel.ids import new_id
from luxe.services.identity.contract import RolesChanged
from luxe.services.membership.contract import MembershipActivated, MembershipLapsed
from tests.harness import Running
from tests.services.identity.people import contents, identity, open_session, register

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def test_a_role_remembers_who_and_why(house: Running) -> None:
    account = await register(house)
    with entered(Context(request_id="req_1", actor="acc_boss")):
        granted = await identity(house).grant_role(
            account_id=account.id, role="operator", reason="runs the desk"
        )
    assert granted.roles == ["operator"]
    revoked = await identity(house).revoke_role(account_id=account.id, role="operator", reason="left")
    assert revoked.roles == []
    await identity(house).grant_role(account_id=account.id, role="operator", reason="is back")
    rows = await house.rows(
        "identity",
        "SELECT role, granted_by, granted_for, revoked_by, revoked_for FROM identity.roles ORDER BY id",
    )
    assert [tuple(row) for row in rows] == [
        ("operator", "acc_boss", "runs the desk", "system", "left"),
        ("operator", "system", "is back", None, None),
    ]
    assert [fact.roles for fact in await house.facts(RolesChanged)] == [["operator"], [], ["operator"]]


async def test_granting_twice_is_granting_once(house: Running) -> None:
    account = await register(house)
    await asyncio.gather(
        *(identity(house).grant_role(account_id=account.id, role="auditor", reason="audit") for _ in range(4))
    )
    await identity(house).revoke_role(account_id=account.id, role="approver", reason="never held")
    assert [fact.roles for fact in await house.facts(RolesChanged)] == [["auditor"]]


async def test_unknown_roles_and_accounts(house: Running) -> None:
    account = await register(house)
    before = await contents(house)
    for account_id, role, code in (
        (account.id, "emperor", "role_unknown"),
        ("acc_none", "member", "account_unknown"),
    ):
        for change in (identity(house).grant_role, identity(house).revoke_role):
            with pytest.raises(Refusal) as refused:
                await change(account_id=account_id, role=role, reason="")
            assert refused.value.code == code
    assert await contents(house) == before


async def test_a_role_taken_away_is_felt_at_once(house: Running) -> None:
    account = await register(house)
    await identity(house).grant_role(account_id=account.id, role="operator", reason="")
    token = (await open_session(house, account)).token
    authenticator = house.house.authenticator
    assert (await authenticator.principal(token)).roles == {"operator"}
    await identity(house).revoke_role(account_id=account.id, role="operator", reason="")
    assert (await authenticator.principal(token)).roles == frozenset()


async def _tell(house: Running, fact: Fact, times: int = 1) -> None:
    envelope = Envelope(
        id=new_id("fact"), type=fact_type(type(fact)), object_id=fact.object_id, at=MOMENT, actor="system",
        request_id="req_1", data=fact_data(fact),
    )  # fmt: skip
    for _ in range(times):
        await house.composition.listeners[0].handle(envelope)


def fact_data(fact: Fact) -> dict[str, object]:
    return {field: getattr(fact, field) for field in fact.__struct_fields__}


async def test_the_role_of_a_member_follows_the_membership(house: Running) -> None:
    account = await register(house)
    activated = MembershipActivated(
        account_id=account.id, tier="silver", number="S-1", until=MOMENT, run="run_1"
    )
    await _tell(house, activated, times=2)
    await _tell(house, activated)
    assert (await identity(house).account(account_id=account.id)).roles == ["member"]
    await _tell(house, MembershipLapsed(account_id=account.id), times=2)
    assert (await identity(house).account(account_id=account.id)).roles == []
    assert [fact.roles for fact in await house.facts(RolesChanged)] == [["member"], []]


async def test_an_api_key(house: Running) -> None:
    account = await register(house)
    await identity(house).grant_role(account_id=account.id, role="member", reason="")
    made = await identity(house).make_api_key(
        account_id=account.id, name=" Till  1 ", scopes=["orders:read", "catalog:read", "orders:read"]
    )
    assert (made.key.name, made.key.scopes, made.key.used_at) == (
        "Till 1",
        ["catalog:read", "orders:read"],
        None,
    )
    assert made.secret.startswith(f"lxk_{made.key.id.removeprefix('key_')}_")
    principal = await identity(house).authenticate(token=made.secret)
    assert (principal.subject, principal.kind, principal.credential) == (account.id, "api_key", made.key.id)
    assert principal.may("member", "orders:read")
    assert not principal.may("member", "orders:write")
    assert not principal.may("member")
    [listed] = await identity(house).api_keys(account_id=account.id)
    assert listed.used_at is not None
    await identity(house).revoke_api_key(account_id=account.id, key_id=made.key.id)
    assert await identity(house).authenticate(token=made.secret) == NOBODY
    assert await identity(house).api_keys(account_id=account.id) == []


async def test_a_key_with_another_secret_is_nobody(house: Running) -> None:
    account = await register(house)
    first, second = [
        await identity(house).make_api_key(account_id=account.id, name=name, scopes=[]) for name in ("a", "b")
    ]
    crossed = first.secret[:31] + second.secret[31:]
    assert len(crossed) == len(first.secret)
    assert await identity(house).authenticate(token=crossed) == NOBODY


async def test_refused_keys(house: Running) -> None:
    mei = await register(house)
    noor = await register(house, email="noor@example.com")
    made = await identity(house).make_api_key(account_id=mei.id, name="", scopes=[])
    assert made.key.name == "API key"
    before = await contents(house)
    for scopes, name, code in (
        (["orders:read", "everything"], "k", "scope_unknown"),
        (["rpc:orders"], "k", "scope_forbidden"),
        ([], "x" * 81, "label_invalid"),
    ):
        with pytest.raises(Refusal) as refused:
            await identity(house).make_api_key(account_id=mei.id, name=name, scopes=scopes)
        assert refused.value.code == code
    with pytest.raises(Refusal) as refused:
        await identity(house).revoke_api_key(account_id=noor.id, key_id=made.key.id)
    assert refused.value.code == "key_unknown"
    assert await contents(house) == before


async def test_remote_calls_are_for_integrators_while_they_are(house: Running) -> None:
    account = await register(house)
    await identity(house).grant_role(account_id=account.id, role="integrator", reason="builds the till")
    made = await identity(house).make_api_key(
        account_id=account.id, name="", scopes=["rpc:catalog", "catalog:read"]
    )
    assert (await identity(house).authenticate(token=made.secret)).scopes == {"rpc:catalog", "catalog:read"}
    await identity(house).revoke_role(account_id=account.id, role="integrator", reason="done")
    assert (await identity(house).authenticate(token=made.secret)).scopes == {"catalog:read"}
