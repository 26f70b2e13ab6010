"""The story of an edit, in order. Once money has begun to go back the run only goes forward."""

from __future__ import annotations

from luxe.kernel.saga import Flow, Step
from luxe.sagas.edit_order import steps
from luxe.sagas.edit_order.contract import EditInput

flow = Flow(
    name="edit_order",
    input=EditInput,
    steps=(
        Step("change", do=steps.change, undo=steps.drop),
        Step("refund", do=steps.refund, pivot=True, way_back=steps.check_nothing_went_back),
        Step("gift_cards", do=steps.refill_gift_cards),
        Step("points", do=steps.reverse_points),
        Step("restock", do=steps.restock),
        Step("finish", do=steps.finish),
    ),
)
