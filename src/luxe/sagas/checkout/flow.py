"""The story of a checkout, in order. Capture comes last of what can fail; after it the run only goes forward."""

from __future__ import annotations

from luxe.kernel.saga import Flow, Step
from luxe.sagas.checkout import steps
from luxe.sagas.checkout.contract import CheckoutInput

flow = Flow(
    name="checkout",
    input=CheckoutInput,
    steps=(
        Step("hold", do=steps.hold, undo=steps.let_go, light=True),
        Step("authorise", do=steps.authorise, undo=steps.cancel_payment, light=True),
        Step("place", do=steps.place, undo=steps.cancel_order),
        Step("capture", do=steps.capture, pivot=True, way_back=steps.check_nothing_is_captured),
        Step("commit", do=steps.commit),
    ),
)
