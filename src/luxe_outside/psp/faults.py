"""The faults that a test has ordered; they live in memory, so a restart clears them."""

import threading
from typing import Any

import msgspec
from msgspec import Struct

from .wire import ApiFault, FaultOrder, WebhookFaults


class Fate(Struct, frozen=True):
    """What will happen to one event."""

    lost: bool
    copies: int
    delay: float
    reorder: bool
    forged: bool


class Faults:
    """Counted faults are used up one by one; callers are the event loop and the database writer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._webhook = WebhookFaults()
        self._api: dict[str, ApiFault] = {}

    def order(self, order: FaultOrder) -> None:
        """Replaces the webhook faults, and those of one API operation, where the order names them."""
        with self._lock:
            if order.webhook is not None:
                self._webhook = order.webhook
            if order.api is not None:
                self._api[order.api.operation] = order.api

    def clear(self) -> None:
        with self._lock:
            self._webhook = WebhookFaults()
            self._api.clear()

    def remaining(self) -> dict[str, Any]:
        with self._lock:
            return {
                "webhook": msgspec.to_builtins(self._webhook),
                "api": msgspec.to_builtins(list(self._api.values())),
            }

    def for_call(self, operation: str) -> ApiFault | None:
        with self._lock:
            fault = self._api.get(operation)
            if fault is None or fault.count == 0:
                return None
            fault.count -= 1
            return fault

    def for_event(self) -> Fate:
        with self._lock:
            faults = self._webhook
            lost = faults.lose > 0
            doubled = not lost and faults.duplicate > 0
            faults.lose -= lost
            faults.duplicate -= doubled
            return Fate(lost, 2 if doubled else 1, faults.delay_ms / 1000, faults.reorder, faults.forge)
