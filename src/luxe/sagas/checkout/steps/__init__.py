"""What each step of a checkout does and how it is undone. Every effect carries the run's id."""

from __future__ import annotations

from luxe.sagas.checkout.steps.holding import hold, let_go
from luxe.sagas.checkout.steps.paying import (
    PURPOSE,
    authorise,
    cancel_payment,
    capture,
    check_nothing_is_captured,
)
from luxe.sagas.checkout.steps.pricing import price, quoted
from luxe.sagas.checkout.steps.sealing import sealed
from luxe.sagas.checkout.steps.selling import cancel_order, commit, place

__all__ = [
    "PURPOSE",
    "authorise",
    "cancel_order",
    "cancel_payment",
    "capture",
    "check_nothing_is_captured",
    "commit",
    "hold",
    "let_go",
    "place",
    "price",
    "quoted",
    "sealed",
]
