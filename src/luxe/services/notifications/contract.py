"""The door of notifications: e-mails to people, webhooks to machines."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from luxe.kernel.verbs import query

WEBHOOK_EVENTS = (
    "order.placed", "order.paid", "order.cancelled", "order.shipped", "order.delivered", "order.refunded",
    "order.edited", "shipment.moved", "membership.activated", "product.changed", "stock.changed", "stock.low",
)  # fmt: skip


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    url: str
    events: list[str]
    active: bool
    created_at: datetime


class EndpointMade(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` signs deliveries and is shown once."""

    endpoint: Endpoint
    secret: str


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: waiting | delivered | given_up. `status` is the last HTTP status, 0 if there was no answer."""

    id: str
    endpoint_id: str
    event_id: str
    event: str
    object_id: str
    state: str
    attempts: int
    status: int
    next_at: datetime | None
    delivered_at: datetime | None


class DeliveryPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Delivery]
    next: str | None


class MailView(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: waiting | sent | given_up."""

    id: str
    template: str
    state: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None


class Port(Protocol):
    """Refusals by code: `endpoint_unknown`, `endpoint_invalid`, `event_unknown`, `delivery_unknown`,
    `too_many_endpoints`, `cursor_invalid`."""

    @query
    async def mails(self, *, account_id: str, limit: int = 25) -> list[MailView]: ...

    async def put_endpoint(self, *, account_id: str, url: str, events: list[str]) -> EndpointMade:
        """HTTPS, or the loopback of a house that is itself on the loopback. Ten at most for an account. It hears of the
        account's own objects; of everything while the account is an operator or integrator."""
        ...

    @query
    async def endpoints(self, *, account_id: str) -> list[Endpoint]: ...

    async def remove_endpoint(self, *, account_id: str, endpoint_id: str) -> None: ...

    @query
    async def deliveries(
        self, *, account_id: str, endpoint_id: str, cursor: str = "", limit: int = 25
    ) -> DeliveryPage:
        """Newest first."""
        ...

    async def redeliver(self, *, account_id: str, delivery_id: str) -> Delivery:
        """Sends the same event again, with the same event id, as a new delivery; one that still waits is sent at once."""
        ...
