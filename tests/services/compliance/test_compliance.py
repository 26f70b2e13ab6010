"""Consents, and the log of everybody's audited acts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxe.kernel.audit import Audited
from luxe.kernel.context import Context, entered
from luxe.kernel.errors import Refusal
from luxe.services.compliance import domain
from luxe.services.compliance.contract import AuditEntry, Consent, Port
from luxe.services.compliance.tables import metadata
from tests.harness import Running, running

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
async def house(binding: str) -> AsyncIterator[Running]:
    async with running("compliance", binding=binding) as house:
        yield house


def _act(number: int, minutes: int | None = None, **changes: str) -> Audited:
    values = {
        "service": "orders",
        "action": "orders.cancelled",
        "target": "ord_1",
        "actor": "acc_1",
    } | changes
    at = MOMENT + timedelta(minutes=number if minutes is None else minutes)
    return Audited(entry=f"aud_{number}", at=at, request_id="req_1", details={"number": number}, **values)


async def _collect(house: Running, *acts: Audited) -> None:
    for act in acts:
        async with house.database("compliance").transaction():
            await house.service("compliance").collect(act)


async def _consent(
    house: Running, purpose: str, version: str, given: bool, account_id: str = "acc_1"
) -> Consent:
    return await house.port(Port).record_consent(
        account_id=account_id, purpose=purpose, version=version, given=given
    )


async def test_the_latest_word_counts(house: Running) -> None:
    terms = await _consent(house, "terms", "2026-11", True)
    await _consent(house, "newsletter", "1", True)
    withdrawn = await _consent(house, "newsletter", "1", False)
    await _consent(house, "newsletter", "1", True, account_id="acc_2")
    assert await house.port(Port).consents(account_id="acc_1") == [withdrawn, terms]
    assert await house.port(Port).consents(account_id="acc_3") == []
    assert (await house.rows("compliance", "SELECT count(*) FROM compliance.consents"))[0][0] == 4


async def test_refused_consents_leave_nothing(house: Running) -> None:
    for purpose, version, code in (
        ("spying", "1", "purpose_unknown"),
        ("terms", "", "version_invalid"),
        ("terms", "a b", "version_invalid"),
        ("terms", "x" * 41, "version_invalid"),
    ):
        with pytest.raises(Refusal) as refused:
            await _consent(house, purpose, version, True)
        assert (refused.value.code, refused.value.status) == (code, 400)
    for table in ("consents", "audit", "outbox"):
        assert await house.rows("compliance", f"SELECT 1 FROM compliance.{table}") == []


async def test_newest_first_page_by_page(house: Running) -> None:
    await _collect(house, *(_act(number, minutes=number // 2) for number in (3, 1, 4, 0, 6, 5, 2)))
    seen: list[AuditEntry] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await house.port(Port).audit_log(cursor=cursor, limit=3)
        assert len(page.items) in (1, 3)
        seen.extend(page.items)
        cursor = page.next
    assert [(entry.at, entry.seq) for entry in seen] == sorted(((e.at, e.seq) for e in seen), reverse=True)
    assert sorted(msgspec.json.decode(entry.details)["number"] for entry in seen) == list(range(7))


async def test_an_entry_says_everything(house: Running) -> None:
    await _collect(house, _act(1))
    [entry] = (await house.port(Port).audit_log()).items
    assert msgspec.structs.replace(entry, seq=0) == AuditEntry(
        seq=0,
        at=MOMENT + timedelta(minutes=1),
        service="orders",
        actor="acc_1",
        action="orders.cancelled",
        target="ord_1",
        request_id="req_1",
        details='{"number":1}',
    )


async def test_asking_about_one_object_or_one_actor(house: Running) -> None:
    await _collect(house, _act(1), _act(2, target="ord_2"), _act(3, actor="acc_2"))
    ask = house.port(Port).audit_log
    assert [entry.target for entry in (await ask(target="ord_2")).items] == ["ord_2"]
    assert [entry.actor for entry in (await ask(actor="acc_2")).items] == ["acc_2"]
    assert (await ask(actor="acc_2", target="ord_2")).items == []


async def test_an_act_is_kept_once(house: Running) -> None:
    await asyncio.gather(*(_collect(house, _act(1)) for _ in range(4)))
    assert len((await house.port(Port).audit_log()).items) == 1


async def test_its_own_acts_are_collected_too(house: Running) -> None:
    with entered(Context(request_id="req_7", actor="acc_1")):
        await _consent(house, "newsletter", "1", True)
    assert await house.settle() == 1
    [entry] = (await house.port(Port).audit_log(target="acc_1")).items
    assert (entry.service, entry.action, entry.actor, entry.request_id) == (
        "compliance", "compliance.consent_recorded", "acc_1", "req_7",
    )  # fmt: skip


async def test_the_log_only_grows() -> None:
    async with running("compliance") as house:
        await _collect(house, _act(1))
        for attack in (
            "DELETE FROM compliance.log",
            "UPDATE compliance.log SET actor = 'x'",
            "TRUNCATE compliance.log",
            "DELETE FROM compliance.consents",
        ):
            with pytest.raises(Exception, match="permission denied"):
                await house.rows("compliance", attack)


async def test_a_cursor_of_nobody(house: Running) -> None:
    for cursor in ("x", "é", "eA", "MjAyNi0xMS0yMlQxMjowMDowMHwx"):
        with pytest.raises(Refusal) as refused:
            await house.port(Port).audit_log(cursor=cursor)
        assert refused.value.code == "cursor_invalid"


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 2**63 - 1))
def test_a_cursor_is_read_as_it_was_written(at: datetime, seq: int) -> None:
    entry = AuditEntry(
        seq=seq, at=at, service="", actor="", action="", target="", request_id="", details="{}"
    )
    assert domain.read_cursor(domain.cursor_after(entry)) == (at, seq)


@given(st.text(min_size=1, max_size=60))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    try:
        assert domain.read_cursor(text) is not None
    except Refusal as refusal:
        assert refusal.code == "cursor_invalid"  # noqa: PT017 - either outcome is right


def test_what_is_kept_is_declared() -> None:
    for table, column in (("consents", "given"), ("log", "actor"), ("log", "details")):
        assert metadata.tables[f"compliance.{table}"].c[column].info["personal"].duty
