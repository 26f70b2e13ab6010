"""The story of joining."""

from __future__ import annotations

from luxe.kernel.saga import Flow
from luxe.sagas.join import steps
from luxe.sagas.join.contract import JoinInput

flow = Flow(
    name="join",
    input=JoinInput,
    steps=(
        steps.FEE,
        steps.INTENT,
        steps.AUTHORISATION,
        steps.CAPTURE,
        steps.ACTIVATION,
        steps.WELCOME,
    ),
)
