"""A statement is looked at, then applied once: exactly what a payment waits for pays it, all else is a case for a person."""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta

import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.payments.contract import LONGEST_STATEMENT, BankStatement, PaymentAuthorised, Port
from luxe.services.payments.service.bank_transfer import reference_of
from tests.harness import Running
from tests.services.payments.provider import Psp, state_of, sweep_later
from tests.services.payments.test_bank_files import camt, entry
from tests.services.payments.test_bank_transfers import BANK, PRICE, banking, came, kinds, opened, today

HEAD = "entry;received_on;amount;currency;text\n"


def row(name: str, amount: str, text: str, currency: str = "EUR") -> str:
    return f"{name};{today()};{amount};{currency};{text}\n"


async def read(house: Running, *rows: str, name: str = "november.csv") -> BankStatement:
    return await house.port(Port).read_statement(name=name, content=(HEAD + "".join(rows)).encode())


def said(statement: BankStatement) -> list[tuple[str, str, str]]:
    return [(each.entry, each.verdict, each.intent_id) for each in statement.entries]


async def audited(house: Running) -> list[str]:
    rows = await house.rows("payments", "SELECT action FROM payments.audit ORDER BY seq")
    return [each.action for each in rows]


async def test_every_entry_is_judged_and_what_matches_pays(binding: str, psp: Psp) -> None:
    async with banking(psp, binding) as house:
        payments = house.port(Port)
        intents = {run: await opened(house, run) for run in ("run_1", "run_2", "run_3", "run_4", "run_5")}
        refs = {run: reference_of(intent.id) for run, intent in intents.items()}
        await came(house, intents["run_4"], 280_000, "e_0")
        await payments.cancel(run="run_5")
        statement = await read(
            house,
            row("e_1", "12.800,00", f"{refs['run_1']} Lin"),
            row("e_2", "12800.01", refs["run_2"].replace(" ", "")),
            row("e_3", "12800,00", f"again {refs['run_1']}"),
            row("e_4", "10 000,00", refs["run_4"]),
            row("e_5", "12800", refs["run_5"]),
            row("e_6", "12800", "a watch"),
            row("e_7", "12800", refs["run_3"], "USD"),
            row("e_8", "1", refs["run_3"]),
            row("e_9", "1", f"{refs['run_2']} {refs['run_3']}"),
            row("e_0", "2.800,00", "known"),
            row("e_x", "-3", "what the bank takes"),
        )
        verdicts = [
            ("e_1", "pays", intents["run_1"].id),
            ("e_2", "too_much", intents["run_2"].id),
            ("e_3", "paid_already", intents["run_1"].id),
            ("e_4", "pays", intents["run_4"].id),
            ("e_5", "too_late", intents["run_5"].id),
            ("e_6", "unknown_reference", ""),
            ("e_7", "other_currency", intents["run_3"].id),
            ("e_8", "too_little", intents["run_3"].id),
            ("e_9", "unknown_reference", ""),
            ("e_0", "known", ""),
        ]
        assert (said(statement), statement.state, statement.count, statement.passed_over) == (
            verdicts, "read", 10, 1,
        )  # fmt: skip
        assert len(await payments.transfers()) == 1, "reading moves nothing"
        done = await payments.apply_statement(statement_id=statement.id)
        assert (said(done), done.state) == (verdicts, "applied")
        assert [await state_of(payments, run) for run in intents] == [
            "authorised", "requires_method", "requires_method", "authorised", "voided",
        ]  # fmt: skip
        assert len(await house.facts(PaymentAuthorised)) == 2
        assert sorted(kind for kind, _, _ in await kinds(house)) == [
            "paid_for_nothing", "paid_for_nothing", "paid_late", "paid_otherwise", "paid_too_little",
            "paid_too_little", "paid_too_much", "paid_twice",
        ]  # fmt: skip
        assert ("paid_too_much", PRICE.minor, PRICE.minor + 1) in await kinds(house)
        assert (await payments.capture(run="run_1")).captured == PRICE


async def test_the_same_file_and_the_same_entries_change_nothing_twice(binding: str, psp: Psp) -> None:
    async with banking(psp, binding) as house:
        payments, first, second = house.port(Port), await opened(house), await opened(house, "run_2")
        rows = [row("e_1", "12800", reference_of(first.id)), row("e_2", "12800", "nobody's")]
        statement = await read(house, *rows)
        again = await read(house, *rows, name="the same under another name.csv")
        assert (again.id, again.name) == (statement.id, "november.csv")
        done = await payments.apply_statement(statement_id=statement.id)
        before = (await kinds(house), await payments.transfers(), len(await audited(house)))
        assert await payments.apply_statement(statement_id=statement.id) == done
        assert (await read(house, *rows)).state == "applied"
        assert (await kinds(house), await payments.transfers(), len(await audited(house))) == before
        more = await read(house, *rows, row("e_3", "12800", reference_of(second.id)))
        assert [each.verdict for each in more.entries] == ["known", "known", "pays"]
        changed = await read(house, row("e_1", "12799", reference_of(first.id)))
        assert [each.verdict for each in changed.entries] == ["differs"]
        for each in (more, changed):
            await payments.apply_statement(statement_id=each.id)
        assert [each.entry for each in await payments.transfers()] == ["e_3", "e_2", "e_1"]
        assert await kinds(house) == [
            ("paid_for_nothing", None, PRICE.minor), ("amount_differs", PRICE.minor, 1_279_900),
        ]  # fmt: skip
        assert [each.id for each in await payments.bank_statements(limit=2)] == [changed.id, more.id]
        assert [each.id for each in await payments.bank_statements(cursor=more.id)] == [statement.id]
        assert await audited(house) == [
            "payments.statement_read", "payments.transfer_matched", "payments.statement_applied",
            "payments.statement_read", "payments.statement_read", "payments.transfer_matched",
            "payments.statement_applied", "payments.statement_applied",
        ]  # fmt: skip


async def test_two_uploads_that_overlap_pay_once(psp: Psp) -> None:
    """Six at a time, each with the entries of the others in another order."""
    async with banking(psp) as house:
        payments = house.port(Port)
        intents = [await opened(house, f"run_{at}") for at in range(6)]
        rows = [row(f"e_{at}", "12800", reference_of(each.id)) for at, each in enumerate(intents)]
        statements = [await read(house, *rows[at:], *rows[:at]) for at in range(6)]
        assert len({each.id for each in statements}) == 6
        done = await asyncio.gather(
            *(payments.apply_statement(statement_id=each.id) for each in statements for _ in range(2))
        )
        pays = sorted(one.entry for each in done[::2] for one in each.entries if one.verdict == "pays")
        assert pays == sorted(f"e_{at}" for at in range(6))
        assert len(await house.facts(PaymentAuthorised)) == 6
        assert [each.state for each in await payments.transfers()] == ["matched"] * 6
        assert await kinds(house) == []


async def test_camt_is_applied_as_csv_is_and_its_entries_are_the_same(psp: Psp) -> None:
    async with banking(psp) as house:
        payments, intent = house.port(Port), await opened(house)
        day = f"<Dt>{today()}</Dt>"
        content = camt(entry(ref="e_1", text=reference_of(intent.id), day=day), iban=BANK["account"])
        statement = await payments.read_statement(name="november.xml", content=content)
        assert (statement.format, said(statement)) == ("camt.053", [("e_1", "pays", intent.id)])
        await payments.apply_statement(statement_id=statement.id)
        assert await state_of(payments) == "authorised"
        assert [each.verdict for each in (await read(house, row("e_1", "12800", ""))).entries] == ["known"]
        with pytest.raises(Refusal) as refused:
            await payments.read_statement(name="x", content=camt(entry(), iban="DE02120300000000202051"))
        assert refused.value.extra["errors"] == [
            {"row": 1, "column": "Stmt/Acct", "message": "this is the statement of another account"}
        ]


async def test_what_cannot_be_read_leaves_nothing(psp: Psp) -> None:
    async with banking(psp) as house:
        payments = house.port(Port)
        with pytest.raises(Refusal) as refused:
            await read(house, row("e_1", "12800", ""), row("e_2", "one", ""))
        assert (refused.value.code, refused.value.extra["errors"]) == (
            "statement_invalid", [{"row": 3, "column": "amount", "message": "'one' is not an amount"}],
        )  # fmt: skip
        with pytest.raises(Refusal) as refused:
            await payments.read_statement(name="x", content=b"x" * (LONGEST_STATEMENT + 1))
        assert (refused.value.code, refused.value.status) == ("statement_too_large", 413)
        for call in (
            payments.bank_statement(statement_id="bst_x"),
            payments.apply_statement(statement_id="bst_x"),
        ):
            with pytest.raises(Refusal) as refused:
                await call
            assert refused.value.code == "statement_unknown"
        assert (await payments.bank_statements(), await audited(house)) == ([], [])


async def test_a_match_is_taken_back_while_nothing_has_come_of_it(binding: str, psp: Psp) -> None:
    async with banking(psp, binding) as house:
        payments, intent = house.port(Port), await opened(house)
        await came(house, intent, 1_000_000, "e_1")
        (first,) = await payments.transfers()
        with pytest.raises(Refusal) as refused:
            await payments.unmatch_transfer(transfer_id=first.id, note=" ")
        assert refused.value.code == "note_missing"
        for _ in range(2):
            back = await payments.unmatch_transfer(transfer_id=first.id, note="another order's")
            assert (back.state, back.intent_id) == ("open", "")
        assert (await payments.transfer_advice(run="run_1", account_id="acc_david")).received.minor == 0
        await came(house, intent, PRICE.minor, "e_2")
        second = (await payments.transfers(state="matched"))[0]
        with pytest.raises(Refusal) as refused:
            await payments.unmatch_transfer(transfer_id=second.id, note="no")
        assert (refused.value.code, await state_of(payments)) == ("transfer_spent", "authorised")
        await payments.match_transfer(transfer_id=first.id, intent_id=intent.id)
        await payments.unmatch_transfer(transfer_id=first.id, note="it is paid without it")
        assert [each.state for each in await payments.transfers()] == ["matched", "open"]
        assert await state_of(payments) == "authorised"
        assert (await audited(house)).count("payments.transfer_unmatched") == 2


async def test_what_a_person_took_back_is_not_matched_by_the_next_file(psp: Psp) -> None:
    async with banking(psp) as house:
        payments, intent = house.port(Port), await opened(house)
        await sweep_later(house, timedelta(days=3))
        await came(house, intent, PRICE.minor, "e_1")
        (late,) = await payments.transfers()
        await payments.unmatch_transfer(transfer_id=late.id, note="sent back by hand")
        statement = await read(house, row("e_1", "12800", reference_of(intent.id)))
        await payments.apply_statement(statement_id=statement.id)
        assert [each.state for each in await payments.transfers()] == ["open"]
        assert await kinds(house) == [("paid_late", None, PRICE.minor)]


async def test_operators_upload_in_person_over_rest(psp: Psp) -> None:
    async with banking(psp) as house:
        intent = await opened(house)
        content = (HEAD + row("e_1", "12800", reference_of(intent.id))).encode()
        body = {"name": "n.csv", "content": base64.b64encode(content).decode()}
        operator = house.sign_in_as("operator", subject="acc_li")
        key = house.sign_in_as("operator", subject="acc_li", scopes=["payments:read"])

        async def post(
            path: str, json: object, headers: dict[str, str], number: int
        ) -> tuple[int, dict[str, object]]:
            answer = await house.rest.post(
                path, json=json, headers=headers | {"idempotency-key": f"k_{number}"}
            )
            return answer.status_code, answer.json()

        for headers in (house.sign_in_as("member"), key):
            assert (await post("/v1/bank-statements", body, headers, 0))[0] == 403
        status, problem = await post("/v1/bank-statements", body | {"content": "no base"}, operator, 1)
        assert (status, problem["code"]) == (400, "content_invalid")
        status, made = await post("/v1/bank-statements", body, operator, 2)
        path = f"/v1/bank-statements/{made['id']}"
        assert (status, (await house.rest.get(path, headers=key)).json()) == (201, made)
        status, done = await post(f"{path}/apply", {}, operator, 3)
        assert (status, done["state"], done["applied_by"]) == (200, "applied", "acc_li")
        listed = (await house.rest.get("/v1/bank-statements", headers=key)).json()
        assert [(each["id"], each["entries"]) for each in listed["items"]] == [(made["id"], [])]
        (transfer,) = await house.port(Port).transfers()
        assert transfer.amount == Money(PRICE.minor, "EUR")
        status, problem = await post(f"/v1/bank-transfers/{transfer.id}/unmatch", {"note": "no"}, operator, 4)
        assert (status, problem["code"]) == (409, "transfer_spent")
