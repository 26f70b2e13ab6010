"""Signing in with a password, and what a session's token is good for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from luxe.kernel.auth import NOBODY
from luxe.kernel.errors import Refusal
from luxe.services.identity.contract import SignedInFromNewDevice
from tests.harness import Running
from tests.services.identity.people import (
    CHROME,
    HOME,
    MEI_PASSWORD,
    contents,
    identity,
    open_session,
    register,
    sign_in,
)
from tests.services.statements import statements

WRONG = "not the right words"


async def _refused(house: Running, password: str = WRONG, **changes: str) -> tuple[str, int]:
    with pytest.raises(Refusal) as refused:
        await sign_in(house, password, **changes)
    return refused.value.code, refused.value.status


async def test_signing_in(house: Running) -> None:
    account = await register(house)
    signed_in = await sign_in(house, email="  mei.lin@LUXE-members.example ")
    assert signed_in.account == account
    assert len(signed_in.token) == 43
    principal = await identity(house).authenticate(token=signed_in.token)
    assert (principal.subject, principal.kind, principal.credential) == (
        account.id,
        "session",
        signed_in.session_id,
    )
    assert (principal.roles, principal.locale, principal.currency, principal.verified) == (
        frozenset(), "zh-CN", "CNY", False,
    )  # fmt: skip
    [session] = await identity(house).sessions(account_id=account.id)
    assert (session.id, session.device, session.method) == (
        signed_in.session_id,
        "Safari on iPhone",
        "password",
    )


async def test_whoever_fails_learns_nothing(house: Running) -> None:
    await register(house)
    await register(house, email="noor@example.com", password=None)
    assert await _refused(house) == ("sign_in_failed", 401)
    assert await _refused(house, email="noor@example.com") == ("sign_in_failed", 401)
    assert await _refused(house, email="nobody@example.com") == ("sign_in_failed", 401)
    assert await _refused(house, email="no address") == ("sign_in_failed", 401)
    assert await _refused(house, password="x" * 100_000) == ("sign_in_failed", 401)
    assert await house.rows("identity", "SELECT id FROM identity.sessions") == []


async def test_an_unknown_address_costs_the_same_statements_and_hash(house: Running) -> None:
    await register(house)
    sent = []
    for email in ("mei.lin@luxe-members.example", "nobody@example.com"):
        with statements(house, "identity") as seen:
            await _refused(house, email=email)
        sent.append(list(seen))
    assert sent[0] == sent[1]


async def test_five_failures_then_waiting(house: Running, later: Callable[[timedelta], None]) -> None:
    await register(house)
    for _ in range(5):
        assert await _refused(house) == ("sign_in_failed", 401)
    before = await contents(house)
    with pytest.raises(Refusal) as refused:
        await sign_in(house, MEI_PASSWORD)
    assert (refused.value.code, refused.value.status) == ("too_many_attempts", 429)
    assert 25 <= refused.value.extra["retry_after"] <= 30
    assert await contents(house) == before
    later(timedelta(seconds=31))
    assert await _refused(house) == ("sign_in_failed", 401)
    assert (await _refused(house))[0] == "too_many_attempts"
    later(timedelta(seconds=31 + 61))
    await sign_in(house)
    assert await _refused(house) == ("sign_in_failed", 401)


async def test_an_unknown_address_waits_too(house: Running) -> None:
    for _ in range(5):
        await _refused(house, email="nobody@example.com")
    assert await _refused(house, email="Nobody@Example.com") == ("too_many_attempts", 429)


async def test_guessing_in_parallel_gains_nothing(house: Running) -> None:
    await register(house)
    codes = [code for code, _ in await asyncio.gather(*(_refused(house) for _ in range(12)))]
    assert sorted(codes) == ["sign_in_failed"] * 5 + ["too_many_attempts"] * 7


async def test_one_network_address_guessing_at_many(house: Running) -> None:
    await register(house)
    for number in range(20):
        assert await _refused(house, email=f"guess{number}@example.com") == ("sign_in_failed", 401)
    assert await _refused(house, password=MEI_PASSWORD) == ("too_many_attempts", 429)
    await sign_in(house, address="198.51.100.9")


async def test_attempts_do_not_tell_addresses(house: Running) -> None:
    await _refused(house)
    for row in await house.rows("identity", "SELECT key FROM identity.attempts"):
        assert len(row.key) == 64
        assert HOME not in row.key


async def test_a_new_device_is_told(house: Running) -> None:
    account = await register(house)
    await sign_in(house)
    await sign_in(house)
    assert await house.facts(SignedInFromNewDevice) == []
    await open_session(house, account, device=CHROME)
    [fact] = await house.facts(SignedInFromNewDevice)
    assert (fact.account_id, fact.device) == (account.id, "Chrome on Linux")


async def test_authenticating_is_one_statement(house: Running, later: Callable[[timedelta], None]) -> None:
    account = await register(house)
    await identity(house).grant_role(account_id=account.id, role="auditor", reason="test")
    await identity(house).grant_role(account_id=account.id, role="operator", reason="test")
    token = (await sign_in(house)).token
    for offset in (0, 90):
        later(timedelta(seconds=offset))
        with statements(house, "identity") as sent:
            principal = await identity(house).authenticate(token=token)
        assert principal.roles == {"auditor", "operator"}
        assert len(sent) == 1


async def test_a_visit_is_noted_once_a_minute(house: Running, later: Callable[[timedelta], None]) -> None:
    account = await register(house)
    token = (await sign_in(house)).token
    seen = []
    for offset in (0, 30, 90, 100):
        later(timedelta(seconds=offset))
        await identity(house).authenticate(token=token)
        seen.append((await identity(house).sessions(account_id=account.id))[0].seen_at)
    assert seen[0] == seen[1] < seen[2] == seen[3]


async def test_a_session_slides_for_ninety_days_at_most(
    house: Running, later: Callable[[timedelta], None]
) -> None:
    await register(house)
    used, unused = await sign_in(house), await sign_in(house)
    for day in (29, 58, 87, 89):
        later(timedelta(days=day))
        assert (await identity(house).authenticate(token=used.token)).known
    assert await identity(house).authenticate(token=unused.token) == NOBODY
    later(timedelta(days=90, seconds=1))
    assert await identity(house).authenticate(token=used.token) == NOBODY


async def test_what_is_no_token_is_nobody(house: Running) -> None:
    await register(house)
    for token in (
        "",
        "x",
        "A" * 43,
        "lxk_x_y",
        "lxk_" + "0" * 26 + "_" + "A" * 43,
        "x" * 10_000,
        "\x00",
        "é" * 43,
    ):
        assert await identity(house).authenticate(token=token) == NOBODY


async def test_signing_out(house: Running) -> None:
    account = await register(house)
    first, second = await sign_in(house), await sign_in(house)
    with pytest.raises(Refusal) as refused:
        await identity(house).sign_out(session_id=first.session_id, account_id="acc_other")
    assert refused.value.code == "session_unknown"
    await identity(house).sign_out(session_id=first.session_id)
    await identity(house).sign_out(session_id=first.session_id)
    assert await identity(house).authenticate(token=first.token) == NOBODY
    assert [session.id for session in await identity(house).sessions(account_id=account.id)] == [
        second.session_id
    ]


async def test_signing_out_everywhere(house: Running) -> None:
    account = await register(house)
    kept, *others = [await sign_in(house) for _ in range(3)]
    assert (
        await identity(house).sign_out_everywhere(account_id=account.id, except_session=kept.session_id) == 2
    )
    assert (await identity(house).authenticate(token=kept.token)).subject == account.id
    for other in others:
        assert await identity(house).authenticate(token=other.token) == NOBODY
    assert await identity(house).sign_out_everywhere(account_id=account.id) == 1
    assert await identity(house).sessions(account_id=account.id) == []


async def test_signing_out_everywhere_is_heard_at_once(house: Running) -> None:
    account = await register(house)
    token = (await sign_in(house)).token
    authenticator = house.house.authenticator
    assert (await authenticator.principal(token)).subject == account.id
    await identity(house).sign_out_everywhere(account_id=account.id)
    assert await authenticator.principal(token) == NOBODY


async def test_leftovers_are_cleared(house: Running, later: Callable[[timedelta], None]) -> None:
    await register(house)
    await sign_in(house)
    await _refused(house)
    await identity(house).begin_passkey_sign_in()
    later(timedelta(days=200))
    await house.run_jobs("identity")
    for table in ("challenges", "tickets", "attempts", "sessions"):
        assert await house.rows("identity", f"SELECT 1 FROM identity.{table}") == []
    assert len(await house.rows("identity", "SELECT 1 FROM identity.accounts")) == 1
