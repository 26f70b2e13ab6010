"""Banks' statements: read and looked at first, then applied once. What is not exactly what a payment waits for is left to a person."""

from __future__ import annotations

import hashlib
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace
from sqlalchemy import Row

from luxe.kernel import clock, context, errors
from luxe.kernel.db import Database
from luxe.kernel.ids import new_id
from luxe.services.payments.contract import LONGEST_STATEMENT, BankStatement, Intent, StatementEntry
from luxe.services.payments.domain import bank_camt, bank_csv
from luxe.services.payments.domain.bank_files import Credit, Fault, Statement, Unreadable
from luxe.services.payments.domain.differences import Difference
from luxe.services.payments.domain.verdicts import CASES, Judged, codes_in, judged
from luxe.services.payments.service.bank_transfer import NAME, BankTransfer
from luxe.services.payments.service.matching import Matching
from luxe.services.payments.service.providers import Providers
from luxe.services.payments.service.recording import demand
from luxe.services.payments.store import bank_statements, cases, intents, transfers

LONGEST_NAME = 200
MOST_FAULTS = 50
_XML = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\x00<")


class BankStatements:
    def __init__(self, db: Database, providers: Providers, matching: Matching) -> None:
        self.db = db
        self.providers = providers
        self.matching = matching

    async def read(self, *, name: str, content: bytes) -> BankStatement:
        if len(content) > LONGEST_STATEMENT:
            raise errors.Refusal("a statement is smaller than this", code="statement_too_large", status=413)
        try:
            found = self._parsed(content)
        except Unreadable as wrong:
            raise errors.BadRequest(
                "the statement cannot be read as it is",
                code="statement_invalid",
                errors=[to_builtins(each) for each in wrong.faults[:MOST_FAULTS]],
            ) from wrong
        days = sorted(each.received_on for each in found.credits)
        wanted = BankStatement(
            id=new_id("bst"),
            name=name.strip()[:LONGEST_NAME],
            format=found.format,
            state="read",
            first=days[0] if days else None,
            last=days[-1] if days else None,
            count=len(days),
            passed_over=found.passed_over,
            read_by=context.current().actor,
            read_at=clock.now(),
        )
        digest = hashlib.sha256(content).hexdigest()
        known = await bank_statements.write(self.db.tx, wanted, digest, found.credits)
        if known.id == wanted.id:
            self.db.audit("payments.statement_read", known.id, digest=digest, entries=known.count)
        return await self._shown(known)

    async def one(self, statement_id: str) -> BankStatement:
        return await self._shown(_there(await bank_statements.find(self.db.tx, statement_id)))

    async def listed(self, cursor: str, limit: int) -> list[BankStatement]:
        return await bank_statements.page(self.db.tx, cursor, max(1, min(limit, 101)))

    async def apply(self, statement_id: str) -> BankStatement:
        tx, at, by = self.db.tx, clock.now(), context.current().actor
        statement = _there(await bank_statements.find(tx, statement_id, lock=True))
        if statement.state == "applied":
            return await self._shown(statement)
        credits = await self._credits(statement)
        fresh = await bank_statements.enter(tx, credits, by, at)
        settled = await self._judged(credits, new=set(fresh), lock=True)
        for one in settled:
            if one.verdict == "pays":
                transfer = fresh[one.credit.entry]
                matched = await transfers.match(tx, transfer, one.intent_id, by, at)
                self.db.audit("payments.transfer_matched", transfer.id, intent_id=one.intent_id)
                await self.matching.pay(await self._intent(one.intent_id), matched)
        opened = [_case(one) for one in settled if one.verdict in CASES]
        await cases.open_cases(tx, opened, at)
        await bank_statements.applied(tx, statement, settled, by, at)
        paid = sum(one.verdict == "pays" for one in settled)
        self.db.audit(
            "payments.statement_applied", statement.id, entered=len(fresh), paid=paid, cases=len(opened)
        )
        return await self._shown(_there(await bank_statements.find(tx, statement_id)))

    def _parsed(self, content: bytes) -> Statement:
        today = clock.now().date()
        xml = content.lstrip(b" \t\r\n").startswith(_XML)
        found = bank_camt.read(content, today) if xml else bank_csv.read(content, today)
        bank = next((each for each in self.providers.everyone() if isinstance(each, BankTransfer)), None)
        if bank and found.account and _plain(found.account) != _plain(bank.config.account):
            raise Unreadable([Fault(1, "Stmt/Acct", "this is the statement of another account")])
        return found

    async def _judged(self, credits: list[Credit], *, new: set[str], lock: bool) -> list[Judged]:
        """`new` are the entries that this very call has written down."""
        tx = self.db.tx
        there = await bank_statements.known(tx, [each.entry for each in credits])
        known = {entry: amount for entry, amount in there.items() if entry not in new}
        codes = sorted({code for each in credits if each.entry not in known for code in codes_in(each.text)})
        named = await bank_statements.named(tx, NAME, codes, lock=lock) if codes else []
        came = await bank_statements.received(tx, [each.id for each in named]) if named else {}
        return judged(credits, known, named, came)

    async def _intent(self, intent_id: str) -> Intent:
        return demand(await intents.with_id(self.db.tx, intent_id)).intent

    async def _credits(self, statement: BankStatement) -> list[Credit]:
        rows = await bank_statements.entries(self.db.tx, statement.id)
        return [bank_statements.credit_of(row) for row in rows]

    async def _shown(self, statement: BankStatement) -> BankStatement:
        """With its entries: what applying it has done, or would do now."""
        rows = await bank_statements.entries(self.db.tx, statement.id)
        if statement.state == "applied":
            return replace(statement, entries=[_entry(row, row.verdict, row.intent_id) for row in rows])
        found = await self._judged([bank_statements.credit_of(row) for row in rows], new=set(), lock=False)
        return replace(
            statement,
            entries=[_entry(row, one.verdict, one.intent_id) for row, one in zip(rows, found, strict=True)],
        )


def _entry(row: Row[Any], verdict: Any, intent_id: str) -> StatementEntry:
    credit = bank_statements.credit_of(row)
    return StatementEntry(
        row=credit.row,
        entry=credit.entry,
        amount=credit.amount,
        text=credit.text,
        received_on=credit.received_on,
        verdict=verdict,
        intent_id=intent_id,
    )


def _case(one: Judged) -> Difference:
    return Difference(
        day=one.credit.received_on,
        kind=CASES[one.verdict],
        reference=one.credit.entry,
        intent_id=one.intent_id,
        currency=one.credit.amount.currency,
        ours=one.ours,
        theirs=one.credit.amount.minor,
    )


def _there(found: BankStatement | None) -> BankStatement:
    if found is None:
        raise errors.NotFound("there is no such statement", code="statement_unknown")
    return found


def _plain(account: str) -> str:
    return "".join(each for each in account.upper() if each.isalnum())
