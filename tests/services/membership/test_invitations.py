"""Invitations and their places, through both bindings."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from luxe.kernel.errors import Refusal
from luxe.services.identity.contract import AccountRegistered
from luxe.services.membership import domain
from luxe.services.membership.contract import InvitationIssued, InvitationMade, Place, Port
from luxe.services.membership.reactions import use_place
from tests.harness import Running

Later = Callable[[timedelta], datetime]


async def invite(membership: Port, uses: int = 1, days: int = 7, email: str = "") -> InvitationMade:
    return await membership.invite(
        inviter_id="acc_clara",
        inviter_name="Clara Weiss",
        uses=uses,
        days=days,
        email=email,
        note="Come and see.",
    )


async def refused(membership: Port, code: str, email: str = "mei@example.com") -> dict[str, object]:
    with pytest.raises(Refusal) as refusal:
        await membership.take_place(code=code, email=email)
    return refusal.value.problem()


async def register(house: Running, place: Place, account_id: str = "acc_mei") -> None:
    async with house.database("membership").transaction():
        fact = AccountRegistered(account_id=account_id, place=place.id, locale="en")
        await use_place(house.service("membership"), fact)


async def test_an_invitation_is_made_and_looked_at(house: Running, membership: Port) -> None:
    made = await invite(membership, uses=3)
    assert made.link == f"http://localhost:8400/?invitation={made.code}"
    assert await membership.invitation_link(invitation_id=made.invitation.id) == made.link
    assert await membership.look_at_invitation(code=made.code.lower().replace("-", " ")) == made.invitation
    assert (made.invitation.uses, made.invitation.uses_left, made.invitation.inviter_name) == (
        3,
        3,
        "Clara Weiss",
    )
    issued = InvitationIssued(invitation_id=made.invitation.id, email="", locale="en")
    assert await house.facts(InvitationIssued) == [issued]


async def test_the_code_is_kept_nowhere(house: Running, membership: Port) -> None:
    made = await invite(membership)
    (row,) = await house.rows(
        "membership", "SELECT CAST(i.* AS text) AS all, code_hash FROM membership.invitations i"
    )
    assert made.code not in row.all
    assert domain.plain_code(made.code) not in row.all
    assert row.code_hash == domain.code_hash(made.code)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"uses": 0}, "uses"), ({"uses": 1_001}, "uses"), ({"days": 0}, "days"), ({"email": "mei"}, "email")],
)
async def test_an_impossible_invitation_is_refused(
    house: Running, membership: Port, change: dict[str, object], field: str
) -> None:
    wanted = {"inviter_id": "acc_clara", "inviter_name": "Clara", "uses": 1, "days": 1} | change
    with pytest.raises(Refusal) as refusal:
        await membership.invite(**wanted)  # type: ignore[arg-type]
    assert refusal.value.code == "invitation_incomplete"
    assert refusal.value.extra["errors"] == [{"field": field, "message": "out_of_range"}]
    assert await house.rows("membership", "SELECT * FROM membership.invitations") == []


async def test_every_invalid_invitation_is_refused_alike(
    house: Running, membership: Port, later: Later
) -> None:
    later(timedelta())
    spent, revoked, bound, expired = [
        await invite(membership),
        await invite(membership),
        await invite(membership, email="clara@example.com"),
        await invite(membership, days=1),
    ]
    await register(house, await membership.take_place(code=spent.code, email="first@example.com"))
    await membership.revoke_invitation(invitation_id=revoked.invitation.id)
    later(timedelta(days=1))
    problems = [await refused(membership, made.code) for made in (spent, revoked, bound, expired)]
    problems += [await refused(membership, code) for code in ("", "AAAAA-AAAAA-AAAAA-AAAAA", "x" * 5_000)]
    problems.append(await refused(membership, (await invite(membership)).code, email="no address"))
    assert problems[0]["code"] == "invitation_invalid"
    assert all(problem == problems[0] for problem in problems)


async def test_what_cannot_be_used_cannot_be_looked_at(house: Running, membership: Port) -> None:
    made = await invite(membership)
    place = await membership.take_place(code=made.code, email="mei@example.com")
    assert (await membership.look_at_invitation(code=made.code)).uses_left == 0, (
        "the place may be the asker's own"
    )
    await register(house, place)
    for code in (made.code, "AAAAA-AAAAA-AAAAA-AAAAA"):
        with pytest.raises(Refusal) as refusal:
            await membership.look_at_invitation(code=code)
        assert refusal.value.code == "invitation_invalid"


async def test_a_bound_invitation_is_for_its_address(membership: Port) -> None:
    made = await invite(membership, email=" Mei@Example.com ")
    assert made.invitation.email == "mei@example.com"
    place = await membership.take_place(code=made.code, email="MEI@example.com")
    assert place.inviter_name == "Clara Weiss"


async def test_the_same_address_gets_the_same_place(membership: Port) -> None:
    made = await invite(membership, uses=2)
    places = [(await membership.take_place(code=made.code, email="mei@example.com")).id for _ in range(3)]
    assert len(set(places)) == 1
    assert (await membership.invitations())[0].uses_left == 1


async def test_a_place_that_nobody_took_is_free_after_an_hour(
    house: Running, membership: Port, later: Later
) -> None:
    now = later(timedelta())
    made = await invite(membership)
    first = await membership.take_place(code=made.code, email="mei@example.com")
    assert first.expires_at == now + timedelta(hours=1)
    later(timedelta(minutes=59))
    assert (await refused(membership, made.code, "yan@example.com"))["code"] == "invitation_invalid"
    later(timedelta(minutes=1))
    second = await membership.take_place(code=made.code, email="yan@example.com")
    await register(house, first, "acc_mei")
    assert (await membership.invitations())[0].uses_left == 0
    await register(house, second, "acc_yan")
    taken = await house.rows("membership", "SELECT account_id FROM membership.places")
    assert [row.account_id for row in taken] == ["acc_yan"]


async def test_a_lapsed_place_forgets_its_address(house: Running, membership: Port, later: Later) -> None:
    later(timedelta())
    await membership.take_place(code=(await invite(membership)).code, email="mei@example.com")
    later(timedelta(hours=1))
    await house.run_jobs("membership")
    (row,) = await house.rows("membership", "SELECT email, reserved_until FROM membership.places")
    assert (row.email, row.reserved_until) == ("", None)


async def test_ten_takers_of_the_last_place_and_one_gets_it(membership: Port) -> None:
    made = await invite(membership, uses=3)
    for name in ("a", "b"):
        await membership.take_place(code=made.code, email=f"{name}@example.com")
    takers = [
        membership.take_place(code=made.code, email=f"taker{number}@example.com") for number in range(10)
    ]
    answers = await asyncio.gather(*takers, return_exceptions=True)
    assert sum(isinstance(answer, Place) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"invitation_invalid"}


async def test_the_second_taker_of_the_last_place_waits_for_the_first(
    house: Running, membership: Port
) -> None:
    made = await invite(membership)
    async with house.database("membership").transaction():
        await house.service("membership").take_place(code=made.code, email="first@example.com")
        taking = membership.take_place(code=made.code, email="second@example.com")
        second = asyncio.create_task(taking, context=contextvars.Context())
        waits = (
            "SELECT 1 FROM pg_stat_activity WHERE usename = 'luxe_membership' AND wait_event_type = 'Lock'"
        )
        while not await house.rows("membership", waits):
            assert not second.done()
    with pytest.raises(Refusal) as refusal:
        await second
    assert refusal.value.code == "invitation_invalid"


async def test_invitations_are_listed_newest_first_by_inviter(membership: Port) -> None:
    first, second = await invite(membership), await invite(membership, uses=2)
    await membership.invite(inviter_id="acc_other", inviter_name="Other", uses=1, days=1)
    listed = await membership.invitations(inviter_id="acc_clara")
    assert [each.id for each in listed] == [second.invitation.id, first.invitation.id]
    assert len(await membership.invitations()) == 3


async def test_operators_invite_over_rest(house: Running) -> None:
    headers = house.sign_in_as("operator", subject="acc_clara")
    draft = {"inviter_name": "Clara Weiss", "uses": 2}
    made = await house.rest.post("/v1/invitations", json=draft, headers=headers | {"idempotency-key": "1"})
    assert made.status_code == 201
    again = await house.rest.post("/v1/invitations", json=draft, headers=headers | {"idempotency-key": "1"})
    assert again.json() == made.json()
    listed = await house.rest.get("/v1/invitations", headers=headers)
    assert [each["id"] for each in listed.json()] == [made.json()["invitation"]["id"]]
    path = f"/v1/invitations/{made.json()['invitation']['id']}/revocation"
    assert (await house.rest.post(path, headers=headers | {"idempotency-key": "2"})).status_code == 204
    listed = await house.rest.get("/v1/invitations", headers=headers)
    assert listed.json()[0]["revoked_at"] is not None
    member = house.sign_in_as("member") | {"idempotency-key": "1"}
    assert (await house.rest.post("/v1/invitations", json=draft, headers=member)).status_code == 403
    assert (await house.rest.get("/v1/invitations")).status_code == 401
