"""Values of bank transfers: what came into the house's account, the statements that tell of it, and what pays for what."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from luxe.kernel.money import Money

TransferState = Literal["open", "matched"]
StatementFormat = Literal["csv", "camt.053"]
StatementState = Literal["read", "applied"]
Verdict = Literal[
    "pays",
    "too_little",
    "too_much",
    "other_currency",
    "unknown_reference",
    "paid_already",
    "too_late",
    "known",
    "differs",
]

LONGEST_STATEMENT = 2_000_000
"""Bytes of an uploaded statement."""
MOST_ENTRIES = 1_000


class IncomingTransfer(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came into the house's account on `received_on`. `entry` is the bank's own id of it, `text` what the payer
    wrote, `intent_id` what it pays for once a person has said so, `suggested` what its text names until then."""

    id: str
    entry: str
    amount: Money
    text: str
    received_on: date
    state: TransferState
    intent_id: str
    entered_at: datetime
    suggested: str = ""


class StatementEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came in, by a bank's statement; `row` is where its file says so. `verdict` is what applying the statement
    would do, or has done: `pays` the payment that its text names; `known` if the house had it already, `differs` if then
    with another amount. All others leave it open, and are cases."""

    row: int
    entry: str
    amount: Money
    text: str
    received_on: date
    verdict: Verdict
    intent_id: str = ""


class BankStatement(msgspec.Struct, frozen=True, kw_only=True):
    """A bank's statement that was uploaded. `passed_over` counts what went out, is not booked yet, or stands twice in the
    file. `entries` is empty in a list of statements."""

    id: str
    name: str
    format: StatementFormat
    state: StatementState
    first: date | None
    last: date | None
    count: int
    passed_over: int
    read_by: str
    read_at: datetime
    applied_by: str = ""
    applied_at: datetime | None = None
    entries: list[StatementEntry] = []


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What a payer needs for a bank transfer: to whom, how much, until when, with which reference. `state` is the payment's."""

    holder: str
    account: str
    bank: str
    reference: str
    amount: Money
    received: Money
    pay_by: datetime
    state: str
    return_path: str
