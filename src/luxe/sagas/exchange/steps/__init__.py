"""What each step of an exchange does and how it is undone. Every effect carries the run's id."""

from __future__ import annotations

from luxe.sagas.exchange.steps.asking import (
    await_decision,
    await_inspection,
    drop,
    hold,
    let_go,
    request,
)
from luxe.sagas.exchange.steps.giving_back import (
    finish,
    refill_gift_cards,
    refund,
    restock,
    reverse_points,
)
from luxe.sagas.exchange.steps.paying import (
    MONEY,
    PAY,
    PURPOSE,
    Difference,
    await_difference,
    cancel_payment,
    capture,
    check_nothing_is_captured,
)
from luxe.sagas.exchange.steps.selling import cancel_order, commit, place
from luxe.sagas.exchange.steps.terms import Agreed, agree, drop_refund

__all__ = [
    "MONEY",
    "PAY",
    "PURPOSE",
    "Agreed",
    "Difference",
    "agree",
    "await_decision",
    "await_difference",
    "await_inspection",
    "cancel_order",
    "cancel_payment",
    "capture",
    "check_nothing_is_captured",
    "commit",
    "drop",
    "drop_refund",
    "finish",
    "hold",
    "let_go",
    "place",
    "refill_gift_cards",
    "refund",
    "request",
    "restock",
    "reverse_points",
]
