"""Accounts: opened once for each address, changed, looked up."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from luxe.kernel.errors import Refusal
from luxe.services.identity.contract import AccountRegistered, EmailVerificationAsked
from tests.harness import Running
from tests.services.identity.people import MEI, contents, identity, register


async def test_registering(house: Running) -> None:
    account = await register(house)
    assert account.email == "Mei.Lin@luxe-members.example"
    assert (account.name, account.locale, account.currency, account.zone) == (
        "林美 Mei",
        "zh-CN",
        "CNY",
        "Asia/Shanghai",
    )
    assert (account.roles, account.email_verified, account.has_password, account.passkeys) == (
        [],
        False,
        True,
        0,
    )
    assert await identity(house).account(account_id=account.id) == account
    assert await house.facts(AccountRegistered) == [
        AccountRegistered(account_id=account.id, place="plc_1", locale="zh-CN")
    ]
    assert [fact.account_id for fact in await house.facts(EmailVerificationAsked)] == [account.id]


async def test_an_account_may_start_without_a_password(house: Running) -> None:
    assert not (await register(house, password=None)).has_password


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"email": "nobody"}, "email_invalid"),
    ({"name": " "}, "name_invalid"),
    ({"name": "x" * 121}, "name_invalid"),
    ({"locale": "tlh"}, "preference_invalid"),
    ({"currency": "GBP"}, "preference_invalid"),
    ({"zone": "Mars/Base"}, "preference_invalid"),
    ({"password": "too short"}, "password_weak"),
    ({"password": "mei.lin.lin"}, "password_weak"),
    ({"email": MEI.upper()}, "email_taken"),
]


async def test_a_refused_registration_leaves_nothing(house: Running) -> None:
    await register(house)
    before = await contents(house)
    for changes, code in REFUSED:
        with pytest.raises(Refusal) as refused:
            await register(house, **changes)
        assert refused.value.code == code, changes
    assert await contents(house) == before


async def test_of_two_registrations_at_once_one_wins(house: Running) -> None:
    answers = await asyncio.gather(
        register(house), register(house, email=MEI.lower()), return_exceptions=True
    )
    refusals = [answer for answer in answers if isinstance(answer, Refusal)]
    assert [refusal.code for refusal in refusals] == ["email_taken"]
    assert (await house.rows("identity", "SELECT count(*) FROM identity.accounts"))[0][0] == 1
    assert len(await house.facts(AccountRegistered)) == 1


async def test_finding_accounts(house: Running) -> None:
    mei = await register(house)
    noor = await register(house, email="noor@example.com", name="نور")
    port = identity(house)
    assert await port.accounts(account_ids=[noor.id, "acc_none", mei.id, noor.id]) == [noor, mei]
    assert await port.accounts(account_ids=[]) == []
    assert await port.account_by_email(email=" MEI.LIN@Luxe-Members.Example ") == mei
    assert await port.account_by_email(email="other@example.com") is None
    with pytest.raises(Refusal) as refused:
        await port.account(account_id="acc_none")
    assert (refused.value.code, refused.value.status) == ("account_unknown", 404)


async def test_changing_preferences(house: Running) -> None:
    account = await register(house)
    changed = await identity(house).change_preferences(
        account_id=account.id, locale="ar", currency="EUR", zone="Asia/Dubai", name="Mei  Lin"
    )
    assert changed == msgspec.structs.replace(
        account, locale="ar", currency="EUR", zone="Asia/Dubai", name="Mei Lin"
    )
    for values in (
        {"locale": "xx"},
        {"currency": "XXX"},
        {"zone": "x"},
        {"name": ""},
        {"account_id": "acc_none"},
    ):
        arguments = {
            "account_id": account.id,
            "locale": "en",
            "currency": "USD",
            "zone": "UTC",
            "name": "M",
        } | values
        with pytest.raises(Refusal):
            await identity(house).change_preferences(**arguments)
    assert await identity(house).account(account_id=account.id) == changed
