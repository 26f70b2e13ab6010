"""What payments needs of a payment service provider, whichever it is."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from luxe.services.payments.contract import Intent
from luxe.services.payments.domain import Standing


class ProviderRefused(Exception):
    """The provider understood and said no; nothing happened there."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class WrongState(ProviderRefused):
    """The intent has moved on at the provider: ask how it stands."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the payer will be shown, and where the provider sends payer and news afterwards."""

    intent: Intent
    description: str
    locale: str
    return_url: str
    webhook_url: str


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A genuine event."""

    id: str
    type: str
    standing: Standing


class Provider(Protocol):
    """Every effect is keyed by our intent's id and the operation, so that a repeated call has one effect.

    No answer raises `DeadlineExceeded`: what happened is unknown. No connection raises `Unavailable`: nothing happened.
    """

    async def create(self, order: Order) -> Standing: ...

    async def find(self, intent: Intent) -> Standing | None: ...

    async def capture(self, intent: Intent) -> Standing:
        """Captures in full. Raises `WrongState`."""
        ...

    async def void(self, intent: Intent) -> Standing:
        """Raises `WrongState`."""
        ...

    async def refund(self, intent: Intent) -> Standing:
        """Gives back all that was captured. Raises `WrongState`."""
        ...

    def read_event(self, body: str, signature: str, now: datetime) -> Heard:
        """Raises `Forbidden` (`signature_invalid`) for what the provider did not sign within the last five minutes."""
        ...
