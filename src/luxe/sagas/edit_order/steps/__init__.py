"""What each step of an edit does and how it is undone. Every effect carries the run's id."""

from __future__ import annotations

from luxe.sagas.edit_order.steps.acting import (
    change,
    check_nothing_went_back,
    drop,
    finish,
    refill_gift_cards,
    refund,
    restock,
    reverse_points,
)

__all__ = [
    "change",
    "check_nothing_went_back",
    "drop",
    "finish",
    "refill_gift_cards",
    "refund",
    "restock",
    "reverse_points",
]
