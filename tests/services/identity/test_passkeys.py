"""Passkeys, with the bytes that a browser would send."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from luxe.kernel.errors import Refusal
from luxe.services.identity.contract import Account, PasskeyView, SignedIn
from tests.harness import Running
from tests.services.identity.authenticator import Authenticator, decode, encode
from tests.services.identity.people import HOME, SAFARI, contents, identity, register


async def _add(
    house: Running, account: Account, authenticator: Authenticator, label: str = "Phone"
) -> PasskeyView:
    challenge = await identity(house).begin_passkey(account_id=account.id)
    return await identity(house).finish_passkey(
        account_id=account.id,
        challenge_id=challenge.id,
        credential=authenticator.create(challenge.options),
        label=label,
    )


async def _finish(house: Running, challenge_id: str, credential: str) -> SignedIn:
    return await identity(house).finish_passkey_sign_in(
        challenge_id=challenge_id, credential=credential, device=SAFARI, address=HOME
    )


async def _sign_in(house: Running, authenticator: Authenticator) -> SignedIn:
    challenge = await identity(house).begin_passkey_sign_in()
    return await _finish(house, challenge.id, authenticator.get(challenge.options))


async def _refused(house: Running, act: Any) -> str:
    """The code of a refusal that changed nothing."""
    before = await contents(house)
    with pytest.raises(Refusal) as refused:
        await act
    assert await contents(house) == before
    return refused.value.code


async def test_adding_a_passkey_and_signing_in_with_it(house: Running) -> None:
    account = await register(house, password=None)
    phone = Authenticator()
    passkey = await _add(house, account, phone)
    assert (passkey.label, passkey.used_at) == ("Phone", None)
    signed_in = await _sign_in(house, phone)
    assert signed_in.account.id == account.id
    assert signed_in.account.passkeys == 1
    [session] = await identity(house).sessions(account_id=account.id)
    assert session.method == "passkey"
    [listed] = await identity(house).passkeys(account_id=account.id)
    assert listed.id == passkey.id
    assert listed.used_at is not None
    await _sign_in(house, phone)


async def test_the_options_say_what_the_house_wants(house: Running) -> None:
    account = await register(house)
    await _add(house, account, known := Authenticator())
    creation = json.loads((await identity(house).begin_passkey(account_id=account.id)).options)
    assert creation["rp"] == {"id": "localhost", "name": "LUXE"}
    assert decode(creation["user"]["id"]) == account.id.encode()
    assert creation["user"]["name"] == account.email
    assert creation["authenticatorSelection"]["userVerification"] == "preferred"
    assert creation["attestation"] == "none"
    assert [entry["id"] for entry in creation["excludeCredentials"]] == [encode(known.credential_id)]
    request = json.loads((await identity(house).begin_passkey_sign_in()).options)
    assert (request["rpId"], request["userVerification"]) == ("localhost", "preferred")
    assert request["allowCredentials"] == []


async def test_a_synced_passkey_that_never_counts(house: Running) -> None:
    account = await register(house)
    cloud = Authenticator(counts=False)
    await _add(house, account, cloud)
    for _ in range(2):
        assert (await _sign_in(house, cloud)).account.id == account.id


async def test_a_challenge_is_answered_once(house: Running) -> None:
    account = await register(house)
    phone = Authenticator()
    await _add(house, account, phone)
    challenge = await identity(house).begin_passkey_sign_in()
    credential = phone.get(challenge.options)
    await _finish(house, challenge.id, credential)
    assert await _refused(house, _finish(house, challenge.id, credential)) == "challenge_unknown"
    assert (
        await _refused(house, _finish(house, challenge.id, phone.get(challenge.options)))
        == "challenge_unknown"
    )


async def test_of_two_answers_at_once_one_signs_in(house: Running) -> None:
    account = await register(house)
    await _add(house, account, phone := Authenticator())
    challenge = await identity(house).begin_passkey_sign_in()
    credential = phone.get(challenge.options)
    answers = await asyncio.gather(
        *(_finish(house, challenge.id, credential) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers if isinstance(answer, SignedIn)) == ["SignedIn"]
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"challenge_unknown"}


async def test_a_challenge_lasts_five_minutes(house: Running, later: Callable[[timedelta], None]) -> None:
    account = await register(house)
    await _add(house, account, phone := Authenticator())
    challenge = await identity(house).begin_passkey_sign_in()
    later(timedelta(minutes=5, seconds=1))
    assert (
        await _refused(house, _finish(house, challenge.id, phone.get(challenge.options)))
        == "challenge_unknown"
    )


async def test_a_challenge_is_for_one_account_and_one_ceremony(house: Running) -> None:
    mei = await register(house)
    noor = await register(house, email="noor@example.com")
    phone = Authenticator()
    for_mei = await identity(house).begin_passkey(account_id=mei.id)
    theft = identity(house).finish_passkey(
        account_id=noor.id, challenge_id=for_mei.id, credential=phone.create(for_mei.options), label=""
    )
    assert await _refused(house, theft) == "challenge_unknown"
    await _add(house, mei, phone)
    for_sign_in = await identity(house).begin_passkey_sign_in()
    options = json.loads(for_mei.options) | {"challenge": json.loads(for_sign_in.options)["challenge"]}
    crossed = identity(house).finish_passkey(
        account_id=mei.id,
        challenge_id=for_sign_in.id,
        credential=Authenticator().create(json.dumps(options)),
        label="",
    )
    assert await _refused(house, crossed) == "challenge_unknown"


async def test_answers_that_do_not_hold(house: Running) -> None:
    account = await register(house)
    await _add(house, account, phone := Authenticator())
    challenge = await identity(house).begin_passkey_sign_in()
    stranger = Authenticator(user_handle=phone.user_handle)
    forger = Authenticator(user_handle=phone.user_handle, credential_id=phone.credential_id)
    elsewhere = Authenticator(
        "https://luxe.evil.example", key=phone.key, credential_id=phone.credential_id, count=50
    )
    another = Authenticator(
        key=phone.key, credential_id=phone.credential_id, user_handle=b"acc_other", count=60
    )
    for liar in (stranger, forger, elsewhere, another):
        credential = liar.get(challenge.options)
        assert await _refused(house, _finish(house, challenge.id, credential)) == "passkey_invalid"
    phished = phone.get(challenge.options.replace('"localhost"', '"evil.example"'))
    assert await _refused(house, _finish(house, challenge.id, phished)) == "passkey_invalid"
    assert (await _finish(house, challenge.id, phone.get(challenge.options))).account.id == account.id


async def test_a_cloned_key_is_refused(house: Running) -> None:
    account = await register(house)
    phone = Authenticator()
    await _add(house, account, phone)
    clone = Authenticator(key=phone.key, credential_id=phone.credential_id, user_handle=phone.user_handle)
    for _ in range(2):
        await _sign_in(house, phone)
    challenge = await identity(house).begin_passkey_sign_in()
    assert (
        await _refused(house, _finish(house, challenge.id, clone.get(challenge.options))) == "passkey_invalid"
    )


NO_CREDENTIALS = [
    "", "{}", "[]", "null", "7", '{"response": 3}', '{"rawId": "x", "response": {"clientDataJSON": "e30"}}', "x" * 70_000,
]  # fmt: skip


async def test_bytes_that_are_no_credential(house: Running) -> None:
    account = await register(house)
    creation = await identity(house).begin_passkey(account_id=account.id)
    request = await identity(house).begin_passkey_sign_in()
    for credential in NO_CREDENTIALS:
        adding = identity(house).finish_passkey(
            account_id=account.id, challenge_id=creation.id, credential=credential, label=""
        )
        assert await _refused(house, adding) == "passkey_invalid"
        assert await _refused(house, _finish(house, request.id, credential)) == "passkey_invalid"


async def test_a_broken_attestation_is_refused(house: Running) -> None:
    account = await register(house)
    challenge = await identity(house).begin_passkey(account_id=account.id)
    whole = json.loads(Authenticator().create(challenge.options))
    attestation = decode(whole["response"]["attestationObject"])
    for cut in (0, 1, 20, 60, len(attestation) - 5):
        whole["response"]["attestationObject"] = encode(attestation[:cut])
        adding = identity(house).finish_passkey(
            account_id=account.id, challenge_id=challenge.id, credential=json.dumps(whole), label=""
        )
        assert await _refused(house, adding) == "passkey_invalid"


async def test_one_credential_belongs_to_one_account(house: Running) -> None:
    mei = await register(house)
    noor = await register(house, email="noor@example.com")
    phone = Authenticator()
    await _add(house, mei, phone)
    challenge = await identity(house).begin_passkey(account_id=noor.id)
    adding = identity(house).finish_passkey(
        account_id=noor.id, challenge_id=challenge.id, credential=phone.create(challenge.options), label=""
    )
    assert await _refused(house, adding) == "passkey_invalid"


async def test_the_last_way_in_stays(house: Running) -> None:
    account = await register(house, password=None)
    first = await _add(house, account, Authenticator(), "Phone")
    second = await _add(house, account, Authenticator(), "")
    assert second.label == "Passkey"
    remove = identity(house).remove_passkey
    await remove(account_id=account.id, passkey_id=first.id)
    assert await _refused(house, remove(account_id=account.id, passkey_id=second.id)) == "last_way_in"
    assert await _refused(house, remove(account_id=account.id, passkey_id=first.id)) == "passkey_unknown"
    assert [passkey.id for passkey in await identity(house).passkeys(account_id=account.id)] == [second.id]


async def test_two_removals_at_once_leave_one_way_in(house: Running) -> None:
    account = await register(house, password=None)
    added = [await _add(house, account, Authenticator()) for _ in range(2)]
    answers = await asyncio.gather(
        *(identity(house).remove_passkey(account_id=account.id, passkey_id=passkey.id) for passkey in added),
        return_exceptions=True,
    )
    assert [answer.code for answer in answers if isinstance(answer, Refusal)] == ["last_way_in"]
    assert len(await identity(house).passkeys(account_id=account.id)) == 1


async def test_with_a_password_every_passkey_may_go(house: Running) -> None:
    account = await register(house)
    passkey = await _add(house, account, Authenticator())
    await identity(house).remove_passkey(account_id=account.id, passkey_id=passkey.id)
    assert (await identity(house).account(account_id=account.id)).passkeys == 0
