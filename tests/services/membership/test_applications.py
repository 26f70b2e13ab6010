"""Applications and decisions, through both bindings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.membership.contract import Application, ApplicationDecided, ApplicationSubmitted, Port
from tests.harness import Running
from tests.services.membership.people import MEIS_FORM, approve

Later = Callable[[timedelta], datetime]


async def moves(house: Running, application_id: str) -> list[tuple[str, str, str]]:
    query = "SELECT before, after, reason FROM membership.moves WHERE kind = 'application' AND object_id = :id ORDER BY seq"
    return [tuple(row) for row in await house.rows("membership", query, id=application_id)]


async def test_an_application_is_handed_in(house: Running, membership: Port) -> None:
    application = await membership.apply(account_id="acc_mei", form=MEIS_FORM)
    assert (application.state, application.form, application.decided_at) == ("submitted", MEIS_FORM, None)
    assert await membership.application_of(account_id="acc_mei") == application
    assert await membership.application(application_id=application.id) == application
    assert await house.facts(ApplicationSubmitted) == [
        ApplicationSubmitted(application_id=application.id, account_id="acc_mei")
    ]
    assert await moves(house, application.id) == [("", "submitted", "")]


async def test_an_incomplete_application_is_refused_with_every_fault(
    house: Running, membership: Port
) -> None:
    form = replace(MEIS_FORM, declared_spend=Money(100, "CNY"), truthful=False)
    with pytest.raises(Refusal) as refused:
        await membership.apply(account_id="acc_mei", form=form)
    assert (refused.value.code, refused.value.status) == ("application_incomplete", 422)
    assert refused.value.extra["errors"] == [
        {"field": "declared_spend", "message": "too_low"},
        {"field": "truthful", "message": "missing"},
    ]
    assert await membership.application_of(account_id="acc_mei") is None


async def test_one_application_is_open_at_a_time(house: Running, membership: Port) -> None:
    attempts = [membership.apply(account_id="acc_mei", form=MEIS_FORM) for _ in range(5)]
    answers = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(answer, Application) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"application_exists"}
    assert len(await house.facts(ApplicationSubmitted)) == 1


async def test_an_approval(house: Running, membership: Port) -> None:
    application_id = await approve(membership)
    application = await membership.application(application_id=application_id)
    assert (application.state, application.decided_by, application.reason) == ("approved", "acc_operator", "")
    assert await moves(house, application_id) == [("", "submitted", ""), ("submitted", "approved", "")]
    assert await house.facts(ApplicationDecided) == [
        ApplicationDecided(application_id=application_id, account_id="acc_mei", approved=True, reason="")
    ]
    with pytest.raises(Refusal) as refused:
        await membership.apply(account_id="acc_mei", form=MEIS_FORM)
    assert refused.value.code == "application_exists"


async def test_a_decline_needs_a_reason(house: Running, membership: Port) -> None:
    application = await membership.apply(account_id="acc_mei", form=MEIS_FORM)
    with pytest.raises(Refusal) as refused:
        await membership.decide(application_id=application.id, approve=False, reason="  ", by="acc_operator")
    assert refused.value.code == "reason_missing"
    assert await membership.application(application_id=application.id) == application
    declined = await membership.decide(
        application_id=application.id, approve=False, reason="No references.", by="acc_operator"
    )
    assert (declined.state, declined.reason) == ("declined", "No references.")


async def test_two_operators_at_once_and_one_decides(house: Running, membership: Port) -> None:
    application = await membership.apply(account_id="acc_mei", form=MEIS_FORM)
    await asyncio.gather(
        *[membership.applications() for _ in range(2)]
    )  # so that each has a connection ready
    decisions = [
        membership.decide(
            application_id=application.id, approve=approve, reason="because", by=f"acc_{approve}"
        )
        for approve in (True, False)
    ]
    answers = await asyncio.gather(*decisions, return_exceptions=True)
    assert [answer.code for answer in answers if isinstance(answer, Refusal)] == ["already_decided"]
    assert len(await moves(house, application.id)) == 2
    assert len(await house.facts(ApplicationDecided)) == 1


async def test_an_unknown_application(membership: Port) -> None:
    for call in (
        membership.application(application_id="app_x"),
        membership.decide(application_id="app_x", approve=True, reason="", by="acc_operator"),
    ):
        with pytest.raises(Refusal) as refused:
            await call
        assert (refused.value.code, refused.value.status) == ("application_unknown", 404)


async def test_after_a_decline_ninety_days_pass(membership: Port, later: Later) -> None:
    now = later(timedelta())
    first = await membership.apply(account_id="acc_mei", form=MEIS_FORM)
    await membership.decide(application_id=first.id, approve=False, reason="Not yet.", by="acc_operator")
    later(timedelta(days=90) - timedelta(seconds=1))
    with pytest.raises(Refusal) as refused:
        await membership.apply(account_id="acc_mei", form=MEIS_FORM)
    assert refused.value.code == "application_too_soon"
    assert refused.value.extra == {"again_at": (now + timedelta(days=90)).isoformat()}
    later(timedelta(seconds=1))
    second = await membership.apply(account_id="acc_mei", form=MEIS_FORM)
    assert (await membership.application_of(account_id="acc_mei")) == second


async def test_the_queue_is_oldest_first_in_pages(membership: Port) -> None:
    handed_in = [
        (await membership.apply(account_id=f"acc_{number}", form=MEIS_FORM)).id for number in range(5)
    ]
    await membership.decide(application_id=handed_in[1], approve=True, reason="", by="acc_operator")
    first = await membership.applications(limit=3)
    assert [each.id for each in first.items] == [handed_in[0], handed_in[2], handed_in[3]]
    second = await membership.applications(limit=3, cursor=first.next or "")
    assert ([each.id for each in second.items], second.next) == ([handed_in[4]], None)
    assert [each.id for each in (await membership.applications(state="approved")).items] == [handed_in[1]]


async def test_applying_and_deciding_over_rest(house: Running) -> None:
    mei = house.sign_in_as(subject="acc_mei")
    form = {
        "full_name": "Lin Mei", "country": "CN", "city": "Shanghai", "birthday": "1988-05-04",
        "declared_spend": {"minor": 80_000_000, "currency": "CNY"}, "means": "Dividends.",
        "references": ["Clara Weiss", "Paul Aubry"], "truthful": True,
    }  # fmt: skip
    assert (await house.rest.get("/v1/membership/application", headers=mei)).status_code == 404
    applied = await house.rest.post(
        "/v1/membership/application", json=form, headers=mei | {"idempotency-key": "1"}
    )
    assert (applied.status_code, applied.json()["state"]) == (201, "submitted")
    twice = await house.rest.post(
        "/v1/membership/application", json=form, headers=mei | {"idempotency-key": "2"}
    )
    assert (twice.status_code, twice.json()["code"]) == (409, "application_exists")

    operator = house.sign_in_as("operator", subject="acc_operator")
    queue = await house.rest.get("/v1/applications", headers=operator)
    path = f"/v1/applications/{queue.json()['items'][0]['id']}"
    assert (await house.rest.get(path, headers=operator)).json()["form"]["means"] == "Dividends."
    decided = await house.rest.post(
        f"{path}/decision", json={"approve": True}, headers=operator | {"idempotency-key": "1"}
    )
    assert (decided.status_code, decided.json()["decided_by"]) == (200, "acc_operator")
    own = await house.rest.get("/v1/membership/application", headers=mei)
    assert own.json()["state"] == "approved"
    for method, forbidden in (("GET", "/v1/applications"), ("GET", path), ("POST", f"{path}/decision")):
        answer = await house.rest.request(
            method, forbidden, json={"approve": True}, headers=mei | {"idempotency-key": "9"}
        )
        assert answer.status_code == 403
