"""Which facts become webhook events, and what of them is public."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

WIDE_ROLES = frozenset(("operator", "integrator"))
"""Accounts with one of these hear of everything; others of their own objects alone."""

_EVENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "orders.OrderPlaced.v1": ("order.placed", ("order_id", "account_id", "number")),
    "orders.OrderPaid.v1": (
        "order.paid",
        ("order_id", "account_id", "number", "qualifying", "points_earned"),
    ),
    "orders.OrderCancelled.v1": ("order.cancelled", ("order_id", "account_id", "number", "reason")),
    "orders.OrderShipped.v1": ("order.shipped", ("order_id", "account_id", "number")),
    "orders.OrderDelivered.v1": ("order.delivered", ("order_id", "account_id", "number")),
    "orders.OrderRefunded.v1": (
        "order.refunded",
        ("order_id", "account_id", "number", "refund_id", "kind", "amount", "points_back", "points_taken"),
    ),
    "orders.OrderEdited.v1": (
        "order.edited",
        ("order_id", "account_id", "number", "edit_id", "refunded", "reason"),
    ),
    "fulfilment.ShipmentMoved.v1": (
        "shipment.moved",
        (
            *("shipment_id", "account_id", "number", "order_id", "order_number", "state", "method"),
            *("carrier", "tracking_number", "note"),
        ),
    ),
    "membership.MembershipActivated.v1": (
        "membership.activated",
        ("account_id", "tier", "number", "until"),
    ),
    "catalog.ProductChanged.v1": ("product.changed", ("product_id", "version", "on_sale")),
    "inventory.StockChanged.v1": ("stock.changed", ("variant_id",)),
    "inventory.StockRanLow.v1": ("stock.low", ("variant_id", "left")),
}


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """`account_id` is whose object it is; empty for what belongs to the house."""

    type: str
    object_id: str
    account_id: str
    data: dict[str, Any]

    def body(self, event_id: str, at: datetime) -> str:
        """The JSON that is signed and sent, the same at every attempt."""
        created = at.isoformat(timespec="seconds").replace("+00:00", "Z")
        payload = {"id": event_id, "type": self.type, "created": created, "data": self.data}
        return msgspec.json.encode(payload).decode()


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint as the mapping of events sees it. `wide` hears of every account's objects."""

    id: str
    account_id: str
    events: list[str]
    wide: bool


def event_of(fact_type: str, object_id: str, said: dict[str, Any]) -> Event:
    """Raises `KeyError` for a fact that is no event."""
    name, fields = _EVENTS[fact_type]
    return Event(
        type=name,
        object_id=object_id,
        account_id=said.get("account_id", ""),
        data={field: said[field] for field in fields},
    )


def listeners(event: Event, endpoints: list[Listening]) -> list[Listening]:
    return [
        each
        for each in endpoints
        if event.type in each.events
        and (each.wide or (event.account_id and each.account_id == event.account_id))
    ]
