"""The door of payments. Card data never comes here: people pay on the PSP's own page."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal, Protocol

import msgspec

from luxe.kernel.facts import Fact
from luxe.kernel.money import Money
from luxe.kernel.verbs import phased, query
from luxe.services.payments.contract.bank import (
    LONGEST_STATEMENT,
    MOST_ENTRIES,
    Advice,
    BankStatement,
    IncomingTransfer,
    StatementEntry,
    StatementFormat,
    StatementState,
    TransferState,
    Verdict,
)
from luxe.services.payments.contract.pages import CardPage, PayPage

__all__ = [
    "LONGEST_STATEMENT",
    "MOST_ENTRIES",
    "Advice",
    "BankStatement",
    "CardPage",
    "Case",
    "CaseKind",
    "CasePage",
    "CaseState",
    "IncomingTransfer",
    "Intent",
    "IntentState",
    "Method",
    "MethodKind",
    "PayPage",
    "PaymentAuthorised",
    "PaymentCaptured",
    "PaymentDisputed",
    "PaymentFailed",
    "PaymentRefunded",
    "PaymentVoided",
    "Port",
    "Reconciled",
    "Refund",
    "RefundState",
    "Resolution",
    "StatementEntry",
    "StatementFormat",
    "StatementState",
    "TransferState",
    "Verdict",
]

IntentState = Literal[
    "requires_method", "requires_action", "authorised", "captured", "disputed", "voided", "failed", "expired"
]
RefundState = Literal["pending", "succeeded", "failed"]
MethodKind = Literal["redirect", "hosted_fields", "manual"]
CaseKind = Literal[
    "missing_here",
    "missing_there",
    "amount_differs",
    "disputed",
    "paid_too_little",
    "paid_too_much",
    "paid_late",
    "paid_twice",
    "paid_for_nothing",
    "paid_otherwise",
]
CaseState = Literal["open", "resolved"]
Resolution = Literal["explained", "corrected_here", "corrected_there", "written_off"]


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """A way to pay: `card`, `alipay`, `wechat_pay`, `unionpay`, `paypal`, `apple_pay`, `google_pay`, `ideal`, `klarna`,
    `konbini`, `kakaopay`, `pix`, `mada` or `bank_transfer`. `name` is the scheme's own, `provider` who carries it out."""

    id: str
    name: str
    provider: str
    kind: MethodKind


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """`hosted_url` is the PSP's page. An intent that is `authorised` with something `captured` is captured in part;
    `captured` ends that, `disputed` is captured and contested by the payer's bank. `run` ties every effect to the saga run that wanted it. `method` is a wallet's
    name, or a card's brand and last four digits; `failure` the PSP's code, such as `insufficient_funds`. `wanted` is the
    method that was chosen before the PSP's page was opened, `pay_by` until when one that takes days may be paid."""

    id: str
    run: str
    account_id: str
    purpose: str
    state: IntentState
    amount: Money
    captured: Money
    refunded: Money
    hosted_url: str
    failure: str
    method: str
    psp_id: str
    created_at: datetime
    provider: str = "simulator"
    wanted: str = ""
    pay_by: datetime | None = None


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way back, or back. `pending` until the PSP's answer is known; `failure` is its code if it refused.
    What was refunded at the PSP without us has a `key` that begins with `psp:`."""

    id: str
    run: str
    key: str
    amount: Money
    reason: str
    state: RefundState
    psp_id: str
    created_at: datetime
    failure: str = ""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A difference between the PSP's statement of `day` and our books, for a person. `reference` is the line's id there
    or the thing's id here; `ours` and `theirs` the amounts, None where one side knows nothing of it."""

    id: str
    day: date
    kind: CaseKind
    reference: str
    intent_id: str
    ours: Money | None
    theirs: Money | None
    state: CaseState
    opened_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str = ""
    how: Resolution | None = None
    note: str = ""


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """`next` is the cursor of the page after this one."""

    items: list[Case]
    next: str | None


class Reconciled(msgspec.Struct, frozen=True, kw_only=True):
    """How a day ended: lines in the PSP's statement, and how many cases it opened that were not there before."""

    day: date
    lines: int
    opened: int


class PaymentAuthorised(Fact, frozen=True, kw_only=True):
    """`purpose` is the saga's name: `join` or `checkout`."""

    about: ClassVar[str] = "intent_id"
    intent_id: str
    run: str
    purpose: str


class PaymentFailed(Fact, frozen=True, kw_only=True):
    """Declined, abandoned on the PSP's page, or expired there."""

    about: ClassVar[str] = "intent_id"
    intent_id: str
    run: str
    purpose: str
    failure: str


class PaymentCaptured(Fact, frozen=True, kw_only=True):
    """Captured at the PSP although nobody here had asked for it."""

    about: ClassVar[str] = "intent_id"
    intent_id: str
    run: str
    purpose: str
    amount: Money


class PaymentVoided(Fact, frozen=True, kw_only=True):
    about: ClassVar[str] = "intent_id"
    intent_id: str
    run: str
    purpose: str


class PaymentRefunded(Fact, frozen=True, kw_only=True):
    """`amount` is what went back this time, `key` the refund's."""

    about: ClassVar[str] = "intent_id"
    intent_id: str
    run: str
    purpose: str
    amount: Money
    key: str = ""


class PaymentDisputed(Fact, frozen=True, kw_only=True):
    """The payer's bank contests `amount`; later, once, the outcome."""

    about: ClassVar[str] = "intent_id"
    intent_id: str
    run: str
    purpose: str
    dispute_id: str
    amount: Money
    outcome: Literal["opened", "won", "lost"]


class Port(Protocol):
    """Refusals by code: `intent_unknown`, `intent_state`, `psp_refused`, `run_reused` (with another amount),
    `amount_invalid`, `key_invalid`, `capture_too_much`, `capture_reused`, `refund_too_much`, `refund_reused`,
    `day_invalid`, `case_unknown`, `case_resolved`, `note_missing`, `method_unavailable`, `transfer_unknown`, `transfer_reused`,
    `transfer_matched`, `transfer_currency`, `transfer_spent`, `not_a_transfer`, `refund_unknown`,
    `statement_unknown`, `statement_too_large`, `statement_invalid` (with `errors`: row, column, message). No answer of the PSP is `DeadlineExceeded`: what
    happened is unknown, and the same call asks the PSP by the same key."""

    @query
    async def methods(self, *, country: str, currency: str) -> list[Method]:
        """What a payer in `country` (ISO 3166) may pay `currency` with, most expected first; a country that has no list of
        its own gets what is taken everywhere. Each can be completed with the providers of this house. Reads no table."""
        ...

    @phased
    async def open(
        self,
        *,
        run: str,
        account_id: str,
        purpose: str,
        amount: Money,
        description: str,
        return_path: str,
        locale: str,
        method: str = "",
        country: str = "",
    ) -> Intent:
        """Opens an intent with the PSP, to be captured later; the same run has one intent. Without a `method` the payer
        chooses on the PSP's page, among those of `country` if that is given."""
        ...

    @phased
    async def refresh(self, *, run: str) -> Intent:
        """Asks the PSP how the run's intent stands, and stores it."""
        ...

    @phased
    async def capture(self, *, run: str, amount: Money | None = None, key: str = "") -> Intent:
        """Captures all that is left, once; or `amount` of it, once for each `key`, leaving the rest authorised."""
        ...

    @phased
    async def refund(self, *, run: str, key: str, amount: Money, reason: str) -> Refund:
        """Gives back `amount` of what was captured, once for each run and `key`. All refunds together, those that are
        still pending included, never exceed the capture. Once it is written down it is carried through, by the sweep if
        nobody asks again. A refund that the PSP refused is `failed` for good: nothing moved, and another try needs
        another key."""
        ...

    @phased
    async def cancel(self, *, run: str) -> None:
        """Voids what was authorised, refunds what was captured, so that nothing is owed; harmless if there is no intent. A
        refund that the provider takes its time for is carried through afterwards.
        An authorisation that arrives later is voided as well."""
        ...

    @phased
    async def receive(self, *, body: str, signature: str, provider: str = "simulator") -> bool:
        """Takes a webhook of a provider; False if this event came before. `signature` holds the headers in which that
        provider signs, one a line. Raises `Forbidden` (`signature_invalid`), `NotFound` (`provider_unknown`)."""
        ...

    @query
    async def intent_of_run(self, *, run: str) -> Intent | None: ...

    @query
    async def intents(self, *, account_id: str, before: str = "", limit: int = 100) -> list[Intent]:
        """Newest first; `before` is the id of the last one of the page before."""
        ...

    @query
    async def refunds(self, *, run: str) -> list[Refund]:
        """Of the run's intent, oldest first."""
        ...

    @phased
    async def reconcile(self, *, day: date) -> Reconciled:
        """Compares the PSP's statement of a day (UTC) with our books; every difference is a case, once."""
        ...

    @query
    async def cases(self, *, state: str = "", cursor: str = "", limit: int = 25) -> CasePage:
        """Newest first, of one state or all."""
        ...

    @query
    async def case(self, *, case_id: str) -> Case: ...

    async def resolve_case(self, *, case_id: str, note: str, how: Resolution) -> Case:
        """Ends a case with what a person found out; the same again changes nothing, anything else is `case_resolved`."""
        ...

    @phased
    async def pay_page(self, *, run: str, account_id: str, phone: bool, client_ip: str) -> PayPage:
        """How the account's own run is paid with WeChat on this device, and how it stands there now."""
        ...

    @phased
    async def card_page(self, *, run: str, account_id: str) -> CardPage:
        """Where the account's own run is paid by card within our page."""
        ...

    @phased
    async def confirm_card(self, *, run: str, account_id: str, token: str) -> Intent:
        """Pays with the card for which the provider gave this token, once. `token_unknown` leaves all as it was."""
        ...

    @query
    async def transfer_advice(self, *, run: str, account_id: str) -> Advice:
        """How the account's own run is paid by bank transfer."""
        ...

    async def enter_transfer(
        self, *, entry: str, amount: Money, text: str, received_on: date
    ) -> IncomingTransfer:
        """Notes that money came in, once for each `entry`."""
        ...

    @query
    async def transfers(
        self, *, state: str = "", cursor: str = "", limit: int = 25
    ) -> list[IncomingTransfer]:
        """Newest first, of one state or all; `cursor` is the id of the last one of the page before."""
        ...

    async def match_transfer(self, *, transfer_id: str, intent_id: str) -> IncomingTransfer:
        """Says what a transfer pays for. All that came for an intent pays it once it is enough; too little, too much and too
        late are cases for a person."""
        ...

    async def unmatch_transfer(self, *, transfer_id: str, note: str) -> IncomingTransfer:
        """Takes back what somebody said that a transfer pays for, while nothing has come of it: the payment still waits, is
        over without it, or is paid without it. Else `transfer_spent`. Harmless if it is open."""
        ...

    async def read_statement(self, *, name: str, content: bytes) -> BankStatement:
        """Reads a bank's statement, CSV or camt.053, and says what applying it would do; nothing moves. The same content is the
        same statement, whatever its name."""
        ...

    @query
    async def bank_statement(self, *, statement_id: str) -> BankStatement: ...

    @query
    async def bank_statements(self, *, cursor: str = "", limit: int = 25) -> list[BankStatement]:
        """Newest first; `cursor` is the id of the last one of the page before."""
        ...

    async def apply_statement(self, *, statement_id: str) -> BankStatement:
        """Enters what came in and is not known, and matches what names a payment that waits for exactly this; what does
        not is left open, with a case. Once: the same again, or another statement with the same entries, changes nothing."""
        ...

    @query
    async def refunds_to_send(self) -> list[Refund]:
        """What a person has to send back from the house's account, oldest first."""
        ...

    async def sent_back(self, *, refund_id: str, entry: str) -> Refund:
        """Notes that a refund left the house's account, under the bank's id of it."""
        ...
