"""The story of an exchange, in order. It waits for people, for weeks if need be. Where a difference is owed and not paid in
time, or the piece comes back too late, it goes on as a return for money; once the difference is captured it only goes
forward."""

from __future__ import annotations

from luxe.kernel.saga import Flow, Step
from luxe.sagas.exchange import steps
from luxe.sagas.exchange.contract import ExchangeInput

flow = Flow(
    name="exchange",
    input=ExchangeInput,
    steps=(
        Step("request", do=steps.request, undo=steps.drop),
        Step("decision", do=steps.await_decision),
        Step("hold", do=steps.hold, undo=steps.let_go),
        Step("inspection", do=steps.await_inspection),
        Step("terms", do=steps.agree, undo=steps.drop_refund),
        Step("difference", do=steps.await_difference, undo=steps.cancel_payment),
        Step("place", do=steps.place, undo=steps.cancel_order),
        Step("capture", do=steps.capture, pivot=True, way_back=steps.check_nothing_is_captured),
        Step("commit", do=steps.commit),
        Step("refund", do=steps.refund),
        Step("gift_cards", do=steps.refill_gift_cards),
        Step("points", do=steps.reverse_points),
        Step("restock", do=steps.restock),
        Step("finish", do=steps.finish),
    ),
)
