"""Secrets stay where they belong: not in rows, facts, audit rows or logs."""

from __future__ import annotations

import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.personal import Personal
from luxe.services.identity.tables import metadata
from tests.harness import Running, running
from tests.services.identity.authenticator import Authenticator
from tests.services.identity.people import (
    HOME,
    MEI_PASSWORD,
    NEW_PASSWORD,
    contents,
    identity,
    recovery_token,
    register,
    sign_in,
    verification_token,
)


async def _live_through(house: Running) -> dict[str, list[str]]:
    """One of everything; returns the secrets that came up, by what they are."""
    account = await register(house)
    verification = await verification_token(house)
    await identity(house).verify_email(token=verification)
    signed_in = await sign_in(house)
    with pytest.raises(Refusal):
        await sign_in(house, "a wrong password, typed")
    challenge = await identity(house).begin_passkey(account_id=account.id)
    await identity(house).finish_passkey(
        account_id=account.id,
        challenge_id=challenge.id,
        credential=Authenticator().create(challenge.options),
        label="",
    )
    key = await identity(house).make_api_key(account_id=account.id, name="k", scopes=["orders:read"])
    recovery = await recovery_token(house)
    recovered = await identity(house).recover(token=recovery, password=NEW_PASSWORD, device="x", address=HOME)
    hashes = [row.hash for row in await house.rows("identity", "SELECT hash FROM identity.passwords")]
    return {
        "passwords": [MEI_PASSWORD, NEW_PASSWORD, "a wrong password, typed"],
        "tokens": [signed_in.token, recovered.token, key.secret[-43:], *(t.partition(".")[2] for t in (verification, recovery))],
        "hashes": hashes,
        "personal": [account.email, account.email.lower(), account.name, HOME],
    }  # fmt: skip


async def test_no_secret_is_written_down(house: Running, capfd: pytest.CaptureFixture[str]) -> None:
    secrets = await _live_through(house)
    rows = await contents(house)
    everything = repr(rows)
    spoken = repr([rows[name] for name in ("identity.outbox", "identity.audit", "identity.idempotency")])
    printed = "".join(capfd.readouterr())
    assert "argon2id" in everything
    for secret in secrets["passwords"] + secrets["tokens"]:
        assert secret not in everything + printed
    for text in secrets["hashes"] + secrets["personal"]:
        assert text not in spoken + printed
    assert "argon2" not in spoken + printed


def test_personal_data_is_declared() -> None:
    declared = {
        f"{table.name}.{column.name}": column.info["personal"]
        for table in metadata.sorted_tables
        for column in table.columns
        if "personal" in column.info
    }
    assert {
        "accounts.email",
        "accounts.email_key",
        "accounts.name",
        "sessions.device",
        "passkeys.label",
    } <= set(declared)
    for name, personal in declared.items():
        assert isinstance(personal, Personal)
        assert personal.owner in metadata.tables[f"identity.{name.split('.')[0]}"].columns


async def test_the_role_of_identity_cannot_leave_its_schema() -> None:
    async with running("identity", "compliance") as house:
        with pytest.raises(Exception, match="permission denied"):
            await house.rows("identity", "SELECT * FROM compliance.log")
        with pytest.raises(Exception, match="permission denied"):
            await house.rows("identity", "DELETE FROM identity.audit")
