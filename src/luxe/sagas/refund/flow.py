"""The story of a partial refund, in order. Once money has begun to go back the run only goes forward."""

from __future__ import annotations

from luxe.kernel.saga import Flow, Step
from luxe.sagas.refund import steps
from luxe.sagas.refund.contract import RefundInput

flow = Flow(
    name="refund",
    input=RefundInput,
    steps=(
        Step("set_aside", do=steps.set_aside, undo=steps.drop),
        Step("refund", do=steps.refund, pivot=True, way_back=steps.check_nothing_went_back),
        Step("gift_cards", do=steps.refill_gift_cards),
        Step("points", do=steps.reverse_points),
        Step("finish", do=steps.finish),
    ),
)
