"""Bank transfers: no provider answers, a person says what has come in (see `matching`). Our books are the only ones there are.

The payer is shown the house's account and a reference. What has come in counts as `authorised` once it is enough; `capture` moves
nothing, and what has to go back waits as a refund for a person to send it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import ClassVar

import httpx
import msgspec
from msgspec.structs import replace

from luxe.kernel import clock, errors
from luxe.services.payments.contract import Intent, MethodKind
from luxe.services.payments.domain.life import Line, Movement, Standing
from luxe.services.payments.service import at_once
from luxe.services.payments.service.provider import Heard, Order, Provider, WrongState

NAME = "bank_transfer"
_WAITING = ("requires_method", "requires_action")


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`account` is an IBAN or what the country has instead; `currencies` those that it takes, with spaces between."""

    holder: str
    account: str
    bank: str
    currencies: str
    public_url: str


class BankTransfer:
    name: ClassVar[str] = NAME

    def __init__(self, config: Config) -> None:
        self.config = config
        self._currencies = frozenset(config.currencies.split())

    def carries(self, method: str, currency: str) -> MethodKind | None:
        return "manual" if method == NAME and currency in self._currencies else None

    async def create(self, order: Order) -> Standing:
        page = f"{self.config.public_url.rstrip('/')}/pay/transfer/{order.intent.run}"
        return replace(_standing(order.intent), hosted_url=page)

    async def find(self, intent: Intent) -> Standing | None:
        if not intent.psp_id:
            return None
        standing = _standing(intent)
        late = intent.pay_by is not None and clock.now() > intent.pay_by
        return replace(standing, state="expired") if late and intent.state in _WAITING else standing

    async def capture(self, intent: Intent, part: Movement | None = None) -> Standing:
        if intent.state not in ("authorised", "captured"):
            raise WrongState("not_paid", f"this is {intent.state}")
        if intent.state == "captured" and part is None:
            return _standing(intent)
        return at_once.captured(intent, _standing(intent), part)

    async def void(self, intent: Intent) -> Standing:
        """What has come in cannot be let go of: it is captured, and a refund waits for a person."""
        if intent.state == "authorised":
            return replace(_standing(intent), state="captured", captured=intent.amount.minor)
        if intent.state == "captured":
            raise WrongState("captured", "there is nothing left to let go of")
        return replace(_standing(intent), state="voided")

    async def refund(self, intent: Intent, part: Movement) -> Standing:
        """Nothing happens until somebody has sent it."""
        if intent.state not in ("authorised", "captured"):
            raise WrongState("not_captured", "there is nothing to give back")
        return _standing(intent)

    async def statement(self, day: date) -> AsyncIterator[list[Line]]:
        for nothing in ():
            yield nothing

    async def read_event(self, body: str, signature: str, now: datetime) -> Heard:
        raise errors.Forbidden("a bank sends no events here", code="signature_invalid")


def adapter(_: httpx.AsyncClient, config: dict[str, str]) -> Provider:
    return BankTransfer(msgspec.convert(config, Config))


def paid(intent: Intent) -> Standing:
    """The standing of an intent for which enough has come in."""
    return replace(_standing(intent), state="authorised", method=NAME)


def reference_of(intent_id: str) -> str:
    """What the payer writes on the transfer: short, and safe to read out."""
    return f"LX {intent_id[-10:-5]} {intent_id[-5:]}".upper()


def names(text: str, intent_id: str) -> bool:
    """Whether a transfer's text bears the intent's reference, however the bank has spaced it."""
    return _plain(reference_of(intent_id)) in _plain(text)


def _plain(text: str) -> str:
    return "".join(each for each in text.upper() if each.isalnum())


def _standing(intent: Intent) -> Standing:
    return Standing(
        psp_id=intent.id,
        reference=intent.id,
        state=intent.state,
        amount=intent.amount,
        captured=intent.captured.minor,
        refunded=intent.refunded.minor,
        hosted_url=intent.hosted_url,
        provider=NAME,
    )
