"""The story of a return, in order. It waits for people, for weeks if need be; once money has begun to go back the run
only goes forward."""

from __future__ import annotations

from luxe.kernel.saga import Flow, Step
from luxe.sagas.return_item import steps
from luxe.sagas.return_item.contract import ReturnInput

flow = Flow(
    name="return_item",
    input=ReturnInput,
    steps=(
        Step("request", do=steps.request, undo=steps.drop),
        Step("decision", do=steps.await_decision),
        Step("inspection", do=steps.await_inspection),
        Step("set_aside", do=steps.set_aside, undo=steps.drop_refund),
        Step("refund", do=steps.refund, pivot=True, way_back=steps.check_nothing_went_back),
        Step("gift_cards", do=steps.refill_gift_cards),
        Step("points", do=steps.reverse_points),
        Step("restock", do=steps.restock),
        Step("finish", do=steps.finish),
    ),
)
