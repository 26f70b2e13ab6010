"""The provider's statement of a day against our books: what differs is a case, once, until a person ends it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.payments.contract import Case, Port, Reconciled
from tests.harness import Running
from tests.services.payments.provider import Psp, captured_fee, open_fee, paying, state_of, sweep_later


def yuan(minor: int) -> Money:
    return Money(minor, "CNY")


async def tables(house: Running, table: str, **values: Any) -> None:
    """Tampers with our own books."""
    database = house.database("payments")
    async with database.transaction() as tx:
        await tx.execute(database.metadata.tables[f"payments.{table}"].update().values(**values))


async def silent(psp: Psp) -> date:
    """From now on no news of the provider arrives; returns today by its clock."""
    await psp.fault(webhook={"lose": 99})
    return datetime.now(UTC).date()


async def compared(house: Running, since: date) -> list[Case]:
    """All cases after the statements of each day `since` then, up to now."""
    payments = house.port(Port)
    for days in range((clock.now().date() - since).days + 1):
        await payments.reconcile(day=since + timedelta(days=days))
    return (await payments.cases(limit=100)).items


async def test_books_that_agree_leave_no_case(own_psp: Psp, binding: str) -> None:
    async with paying(own_psp, binding) as house:
        payments = house.port(Port)
        day = await silent(own_psp)
        await captured_fee(payments, own_psp)
        await payments.refund(run="run_1", key="strap", amount=yuan(80_000), reason="")
        await open_fee(payments, "run_2")
        assert await compared(house, day) == []
        kept = "SELECT kind, amount, fee FROM payments.statement_lines ORDER BY kind"
        lines = [tuple(row) for row in await house.rows("payments", kept)]
        assert lines == [("capture", 980_000, 7_840), ("refund", 80_000, 0)]
        assert await compared(house, day) == []
        assert len(await house.rows("payments", kept)) == 2


async def test_what_only_the_provider_knows_is_a_case(own_psp: Psp) -> None:
    async with paying(own_psp) as house:
        payments = house.port(Port)
        day = await silent(own_psp)
        unheard = await open_fee(payments, "run_1")
        await own_psp.pay(unheard)
        await own_psp.capture(unheard)
        refunded = await captured_fee(payments, own_psp, "run_2")
        await own_psp.refund(refunded, 5_000, "at the provider's desk")
        found = {case.intent_id: case for case in await compared(house, day)}
        assert (found[unheard.id].kind, found[unheard.id].ours) == ("missing_here", None)
        assert found[unheard.id].theirs == yuan(980_000)
        assert (found[refunded.id].kind, found[refunded.id].theirs) == ("missing_here", yuan(5_000))
        assert found[refunded.id].reference.startswith("re_")
        assert len(await compared(house, day)) == 2, "once, however often it is compared"


async def test_what_only_we_know_is_a_case_once_the_day_is_over(own_psp: Psp) -> None:
    async with paying(own_psp) as house:
        payments = house.port(Port)
        day = await silent(own_psp) + timedelta(days=3)
        noon = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12)
        try:
            clock.replace_clock(lambda: noon)
            captured = await captured_fee(payments, own_psp)
            back = await payments.refund(run="run_1", key="strap", amount=yuan(80_000), reason="")
            assert await compared(house, day) == [], "the statement may still be behind"
            clock.replace_clock(lambda: noon + timedelta(days=1))
            found = await compared(house, day)
        finally:
            clock.replace_clock(None)
        assert {(case.kind, case.reference, case.ours, case.theirs) for case in found} == {
            ("missing_there", captured.id, yuan(980_000), None),
            ("missing_there", back.id, yuan(80_000), None),
        }
        assert {case.day for case in found} == {day}


async def test_amounts_that_differ_are_a_case(own_psp: Psp) -> None:
    async with paying(own_psp) as house:
        payments = house.port(Port)
        day = await silent(own_psp)
        captured = await captured_fee(payments, own_psp)
        await payments.refund(run="run_1", key="strap", amount=yuan(80_000), reason="")
        await tables(house, "intents", captured=900_000)
        await tables(house, "movements", amount=70_000)
        found = sorted(await compared(house, day), key=lambda case: case.reference)
        assert [(case.kind, case.ours, case.theirs) for case in found] == [
            ("amount_differs", yuan(900_000), yuan(980_000)),
            ("amount_differs", yuan(70_000), yuan(80_000)),
        ]
        assert found[0].reference == captured.id


async def test_a_dispute_of_which_no_word_came_is_found(own_psp: Psp) -> None:
    async with paying(own_psp) as house:
        payments = house.port(Port)
        day = await silent(own_psp)
        intent = await captured_fee(payments, own_psp)
        dispute = await own_psp.dispute(intent)
        assert await state_of(payments) == "captured"
        (case,) = await compared(house, day)
        assert (case.kind, case.reference) == ("disputed", dispute)
        assert await state_of(payments) == "disputed"


async def test_a_payment_of_nobody_is_a_case(own_psp: Psp) -> None:
    async with paying(own_psp) as elsewhere:
        day = await silent(own_psp)
        stranger = await captured_fee(elsewhere.port(Port), own_psp)
    async with paying(own_psp) as house:
        (case,) = await compared(house, day)
        assert case.reference == stranger.id
        assert (case.kind, case.intent_id, case.theirs) == ("missing_here", "", yuan(980_000))


async def test_each_day_is_compared_when_it_is_over_and_once(own_psp: Psp) -> None:
    async with paying(own_psp) as house:
        payments = house.port(Port)
        today = await silent(own_psp)
        await captured_fee(payments, own_psp)
        await house.run_jobs("payments")
        assert await house.rows("payments", "SELECT day FROM payments.reconciled_days") == []
        await own_psp.fault(api={"operation": "get", "mode": "error_500", "count": 1})
        await sweep_later(house, timedelta(days=2))
        for _ in range(3):
            await sweep_later(house, timedelta(days=2))
        days = await house.rows("payments", "SELECT day, opened FROM payments.reconciled_days ORDER BY day")
        assert [row.day for row in days][:1] == [today]
        assert len(days) <= 2
        assert sum(row.opened for row in days) == 0


async def test_a_day_to_come_is_refused(own_psp: Psp) -> None:
    async with paying(own_psp) as house:
        with pytest.raises(Refusal) as refused:
            await house.port(Port).reconcile(day=await silent(own_psp) + timedelta(days=2))
        assert refused.value.code == "day_invalid"


async def one_case(house: Running, psp: Psp) -> Case:
    day = await silent(psp)
    intent = await open_fee(house.port(Port))
    await psp.pay(intent)
    await psp.capture(intent)
    (case,) = await compared(house, day)
    return case


async def test_a_person_ends_a_case_once_and_for_all(own_psp: Psp, binding: str) -> None:
    async with paying(own_psp, binding) as house:
        payments = house.port(Port)
        case = await one_case(house, own_psp)
        ended = await payments.resolve_case(case_id=case.id, note=" Heard late. ", how="corrected_here")
        assert (ended.state, ended.how, ended.note) == ("resolved", "corrected_here", "Heard late.")
        again = await payments.resolve_case(case_id=case.id, note="Heard late.", how="corrected_here")
        assert again == ended
        for note, how, code in (
            ("Something else.", "corrected_here", "case_resolved"),
            ("Heard late.", "explained", "case_resolved"),
            (" ", "explained", "note_missing"),
        ):
            with pytest.raises(Refusal) as refused:
                await payments.resolve_case(case_id=case.id, note=note, how=how)  # type: ignore[arg-type]
            assert refused.value.code == code
        with pytest.raises(Refusal) as unknown:
            await payments.resolve_case(case_id="cas_none", note="x", how="explained")
        assert unknown.value.code == "case_unknown"
        assert await payments.case(case_id=case.id) == ended
        assert (await payments.cases(state="open")).items == []
        compared_again: Reconciled = await payments.reconcile(day=case.day)
        assert compared_again.opened == 0, "what a person ended stays ended"
        audit = await house.rows("payments", "SELECT action, object_id FROM payments.audit")
        assert [tuple(row) for row in audit] == [("payments.case_resolved", case.id)]


async def test_operators_see_and_end_cases_over_rest(own_psp: Psp) -> None:
    async with paying(own_psp) as house:
        case = await one_case(house, own_psp)
        li = house.sign_in_as("operator", subject="acc_li")
        listed = await house.rest.get("/v1/payments/cases", params={"state": "open", "limit": 1}, headers=li)
        assert [item["id"] for item in listed.json()["items"]] == [case.id]
        assert (
            await house.rest.get("/v1/payments/cases", params={"cursor": "x"}, headers=li)
        ).status_code == 400
        path = f"/v1/payments/cases/{case.id}"
        assert (await house.rest.get(path, headers=li)).json()["theirs"] == {
            "minor": 980_000,
            "currency": "CNY",
        }
        body = {"how": "explained", "note": "Late news."}
        for who, status in (
            ({}, 401),
            (house.sign_in_as("member"), 403),
            (house.sign_in_as("operator", scopes=["payments:read"]), 403),
        ):
            answer = await house.rest.post(
                f"{path}/resolve", json=body, headers=who | {"idempotency-key": "one"}
            )
            assert answer.status_code == status
            assert (await house.port(Port).case(case_id=case.id)).state == "open"
        done = await house.rest.post(f"{path}/resolve", json=body, headers=li | {"idempotency-key": "two"})
        assert (done.status_code, done.json()["resolved_by"]) == (200, "acc_li")
