"""What payments needs of a payment service provider, whichever it is.

`tests/services/payments/test_provider_protocol.py` is this page as a test: an adapter that passes it may be used.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import ClassVar, Literal, Protocol, runtime_checkable

import msgspec

from luxe.services.payments.contract import Intent, MethodKind
from luxe.services.payments.domain.life import Line, Movement, Standing


class ProviderRefused(Exception):
    """The provider understood and said no; nothing happened there, and nothing ever will by this key."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class WrongState(ProviderRefused):
    """The intent has moved on at the provider: ask how it stands."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the payer will be shown, and where the provider sends payer and news afterwards. `methods` are those that
    the payer may use; empty leaves it to the provider."""

    intent: Intent
    description: str
    locale: str
    return_url: str
    webhook_url: str
    methods: tuple[str, ...] = ()


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A genuine event. `reference` is our intent's id. Without a `standing` the provider is asked for it, so that it does
    not matter in which order events come."""

    id: str
    type: str
    reference: str
    standing: Standing | None = None


class Provider(Protocol):
    """Every effect is keyed by our intent's or movement's id and the operation, so that a repeated call has one effect.

    No answer, or an answer that the first call of this key is still running, raises `DeadlineExceeded`: what happened
    is unknown. No connection raises `Unavailable`: nothing happened. A `Standing` tells every refund, every capture
    in part and every dispute of the intent that the provider names, each by the reference that we gave it.

    A provider that takes the money at once has no authorisation. Its adapter calls what is paid `authorised`, lets
    `capture` only make sure that it is still there, and gives it back on `void`. Which part of it the house has captured
    the adapter reads off the intent that it is given; what is paid on an intent that has ended here is `captured`, so that
    it goes back.
    """

    name: ClassVar[str]

    def carries(self, method: str, currency: str) -> MethodKind | None:
        """How the payer pays by this method here, or None if it cannot be completed. The empty method is that the payer
        chooses there."""
        ...

    async def create(self, order: Order) -> Standing: ...

    async def find(self, intent: Intent) -> Standing | None: ...

    async def capture(self, intent: Intent, part: Movement | None = None) -> Standing:
        """Captures all that is left and ends the authorisation; or `part` of it, the rest stays. Raises `WrongState`."""
        ...

    async def void(self, intent: Intent) -> Standing:
        """Lets go of what is authorised and not captured. Raises `WrongState`."""
        ...

    async def refund(self, intent: Intent, part: Movement) -> Standing:
        """Gives back the movement's amount. Raises `WrongState`."""
        ...

    def statement(self, day: date) -> AsyncIterator[list[Line]]:
        """What moved on a day (UTC) by the provider's books, a page at a time."""
        ...

    async def read_event(self, body: str, signature: str, now: datetime) -> Heard:
        """`signature` holds the headers that the provider signs in, one a line. Raises `Forbidden` (`signature_invalid`) for what the
        provider did not sign within the last five minutes."""
        ...


@runtime_checkable
class Fielded(Protocol):
    """A provider with a frame of its own for a page of ours, which tells that page a token in a card's place."""

    def fields(self, intent: Intent) -> str: ...

    async def confirm(self, intent: Intent, token: str) -> Standing: ...


@runtime_checkable
class Scanned(Protocol):
    """A provider whose payers come to a page of ours first, where it shows which device they have."""

    async def way(
        self, order: Order, *, phone: bool, client_ip: str
    ) -> tuple[Literal["scan", "leave"], str]: ...

    def pay_by(self, intent: Intent) -> datetime: ...
