"""The story of a cancellation, in order. Once money has begun to go back the run only goes forward."""

from __future__ import annotations

from luxe.kernel.saga import Flow, Step
from luxe.sagas.cancel import steps
from luxe.sagas.cancel.contract import CancelInput

flow = Flow(
    name="cancel",
    input=CancelInput,
    steps=(
        Step("close", do=steps.close, undo=steps.reopen),
        Step("refund", do=steps.refund, pivot=True, way_back=steps.check_nothing_went_back),
        Step("gift_cards", do=steps.refill_gift_cards),
        Step("points", do=steps.reverse_points),
        Step("restock", do=steps.restock),
        Step("finish", do=steps.finish),
    ),
)
