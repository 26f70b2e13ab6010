"""E-mail verification and recovery: links that work once, answers that tell nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from luxe.kernel.auth import NOBODY
from luxe.kernel.errors import Refusal
from luxe.services.identity.contract import EmailVerificationAsked, EmailVerified, RecoveryAsked, SignedIn
from tests.harness import Running
from tests.services.identity.people import (
    HOME,
    MEI,
    MEI_PASSWORD,
    NEW_PASSWORD,
    SAFARI,
    contents,
    identity,
    recovery_token,
    register,
    sign_in,
    token_of,
    verification_token,
)
from tests.services.statements import statements


async def _recover(house: Running, token: str, password: str | None = NEW_PASSWORD) -> SignedIn:
    return await identity(house).recover(token=token, password=password, device=SAFARI, address=HOME)


async def test_verifying_an_address(house: Running) -> None:
    account = await register(house)
    [asked] = await house.facts(EmailVerificationAsked)
    link = await identity(house).ticket_link(ticket=asked.ticket)
    assert re.fullmatch(r"http://localhost:8400/verify-email\?token=tkt_[0-9a-z]{26}\.[0-9a-f]{64}", link)
    verified = await identity(house).verify_email(token=await verification_token(house))
    assert verified.email_verified
    assert await house.facts(EmailVerified) == [EmailVerified(account_id=account.id)]


async def test_a_ticket_is_used_once(house: Running) -> None:
    await register(house)
    token = await verification_token(house)
    answers = await asyncio.gather(
        *(identity(house).verify_email(token=token) for _ in range(3)), return_exceptions=True
    )
    assert [answer.code for answer in answers if isinstance(answer, Refusal)] == ["ticket_invalid"] * 2
    assert len(await house.facts(EmailVerified)) == 1


async def test_a_verification_lasts_three_days(house: Running, later: Callable[[timedelta], None]) -> None:
    await register(house)
    token = await verification_token(house)
    later(timedelta(days=3, seconds=1))
    before = await contents(house)
    with pytest.raises(Refusal) as refused:
        await identity(house).verify_email(token=token)
    assert refused.value.code == "ticket_invalid"
    assert await contents(house) == before


async def test_asking_again_for_verification(house: Running) -> None:
    account = await register(house)
    for _ in range(4):
        await identity(house).ask_email_verification(account_id=account.id)
    with pytest.raises(Refusal) as refused:
        await identity(house).ask_email_verification(account_id=account.id)
    assert refused.value.code == "too_many_attempts"
    await identity(house).verify_email(token=await verification_token(house))
    await identity(house).ask_email_verification(account_id=account.id)
    assert len(await house.facts(EmailVerificationAsked)) == 5


async def test_recovering_with_a_new_password(house: Running) -> None:
    account = await register(house)
    old = [await sign_in(house) for _ in range(2)]
    token = await recovery_token(house)
    recovered = await _recover(house, token)
    assert (recovered.account.id, recovered.account.email_verified) == (account.id, True)
    for session in old:
        assert await identity(house).authenticate(token=session.token) == NOBODY
    assert (await identity(house).authenticate(token=recovered.token)).subject == account.id
    assert [session.method for session in await identity(house).sessions(account_id=account.id)] == [
        "recovery"
    ]
    with pytest.raises(Refusal):
        await sign_in(house, MEI_PASSWORD)
    await sign_in(house, NEW_PASSWORD)


async def test_recovering_without_a_password(house: Running) -> None:
    await register(house, password=None)
    recovered = await _recover(house, await recovery_token(house), None)
    assert not recovered.account.has_password
    assert (await identity(house).begin_passkey(account_id=recovered.account.id)).id


async def test_a_weak_password_costs_no_ticket(house: Running) -> None:
    await register(house)
    token = await recovery_token(house)
    before = await contents(house)
    with pytest.raises(Refusal) as refused:
        await _recover(house, token, "mei.lin.2026")
    assert refused.value.code == "password_weak"
    assert await contents(house) == before
    await _recover(house, token)


async def test_a_recovery_ends_the_others(house: Running, later: Callable[[timedelta], None]) -> None:
    await register(house)
    first, second = await recovery_token(house), await recovery_token(house)
    await _recover(house, second)
    for token in (first, second):
        with pytest.raises(Refusal) as refused:
            await _recover(house, token)
        assert refused.value.code == "ticket_invalid"
    third = await recovery_token(house)
    later(timedelta(minutes=30, seconds=1))
    with pytest.raises(Refusal):
        await _recover(house, third)


async def test_one_kind_of_ticket_is_not_the_other(house: Running) -> None:
    await register(house)
    verification, recovery = await verification_token(house), await recovery_token(house)
    before = await contents(house)
    for misuse in (_recover(house, verification), identity(house).verify_email(token=recovery)):
        with pytest.raises(Refusal) as refused:
            await misuse
        assert refused.value.code == "ticket_invalid"
    assert await contents(house) == before


async def test_a_forged_token(house: Running) -> None:
    await register(house)
    ticket, _, signature = (await recovery_token(house)).partition(".")
    for forged in (
        "",
        ticket,
        f"{ticket}.",
        f"{ticket}.{'0' * 64}",
        f"{ticket}.{signature[:-1]}",
        f"{ticket}.{signature}0",
    ):
        with pytest.raises(Refusal) as refused:
            await _recover(house, forged, None)
        assert refused.value.code == "ticket_invalid"
    with pytest.raises(Refusal):
        await identity(house).ticket_link(ticket="tkt_none")


async def test_asking_tells_nobody_who_is_a_member(house: Running) -> None:
    await register(house)
    sent = []
    for email in (MEI, "nobody@example.com"):
        with statements(house, "identity") as seen:
            assert await identity(house).ask_recovery(email=email) is None
        sent.append([statement.split("VALUES")[0] for statement in seen])
    assert sent[0] == sent[1]
    assert len(await house.facts(RecoveryAsked)) == 1


async def test_a_ticket_for_nobody_opens_nothing(house: Running) -> None:
    await identity(house).ask_recovery(email="nobody@example.com")
    [row] = await house.rows("identity", "SELECT id FROM identity.tickets")
    token = await token_of(house, row.id)
    for password in (None, NEW_PASSWORD):
        with pytest.raises(Refusal) as refused:
            await _recover(house, token, password)
        assert refused.value.code == "ticket_invalid"


async def test_five_recoveries_an_hour(house: Running, later: Callable[[timedelta], None]) -> None:
    await register(house)
    for _ in range(8):
        await identity(house).ask_recovery(email=MEI)
    assert len(await house.facts(RecoveryAsked)) == 5
    later(timedelta(hours=1, seconds=1))
    await identity(house).ask_recovery(email=MEI)
    assert len(await house.facts(RecoveryAsked)) == 6
