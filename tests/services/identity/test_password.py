"""Changing the password while signed in."""

from __future__ import annotations

import pytest

from luxe.kernel.errors import Refusal
from luxe.services.identity.contract import Port
from tests.harness import running

OLD, NEW = "quiet morning light 27", "another quiet evening 31"


async def test_a_changed_password_ends_the_other_sessions_and_a_wrong_one_changes_nothing(
    binding: str,
) -> None:
    async with running("identity", binding=binding) as house:
        identity = house.port(Port)
        account = await identity.register(
            place="pl_1", email="lin@luxe.example", name="Lin", locale="en", currency="CNY", password=OLD
        )
        here = await identity.sign_in(email="lin@luxe.example", password=OLD, device="", address="::1")
        there = await identity.sign_in(email="lin@luxe.example", password=OLD, device="", address="::1")
        change = {"account_id": account.id, "session_id": here.session_id}
        for current, new, code in (("wrong", NEW, "sign_in_failed"), (OLD, "short", "password_weak")):
            with pytest.raises(Refusal) as refused:
                await identity.change_password(current=current, new=new, **change)
            assert refused.value.code == code
        assert (await identity.authenticate(token=there.token)).known
        await identity.change_password(current=OLD, new=NEW, **change)
        assert (await identity.authenticate(token=here.token)).known
        assert not (await identity.authenticate(token=there.token)).known
        with pytest.raises(Refusal) as refused:
            await identity.sign_in(email="lin@luxe.example", password=OLD, device="", address="::1")
        assert refused.value.code == "sign_in_failed"
        await identity.sign_in(email="lin@luxe.example", password=NEW, device="", address="::1")


async def test_the_sixth_wrong_guess_waits() -> None:
    async with running("identity") as house:
        identity = house.port(Port)
        account = await identity.register(
            place="pl_1", email="lin@luxe.example", name="Lin", locale="en", currency="CNY", password=OLD
        )
        codes = []
        for _ in range(6):
            with pytest.raises(Refusal) as refused:
                await identity.change_password(account_id=account.id, current="wrong", new=NEW, session_id="")
            codes.append(refused.value.code)
        assert codes == ["sign_in_failed"] * 5 + ["too_many_attempts"]
