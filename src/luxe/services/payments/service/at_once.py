"""What a payment that was taken at once is in a house that authorises first and captures last.

Such a provider has no authorisation: what is paid is on its way to the house's account. To the checkout it is `authorised`
until the order stands, and `captured` then, without asking the provider for anything; if the order does not come about, it is
given back whole. So nobody pays for nothing, and the pivot of the saga stays where it is.
"""

from __future__ import annotations

from msgspec.structs import replace

from luxe.services.payments.contract import Intent
from luxe.services.payments.domain.life import OPEN, OVER, Movement, Standing, Told


def paid(intent: Intent, standing: Standing, *, released: bool) -> Standing:
    """`standing` of an intent whose whole amount the provider holds for us. `released`: what was not captured has gone
    back already. What is paid on an intent that has ended here was taken for nothing: it counts as captured, which makes
    the house give it back."""
    captured = intent.captured.minor
    if released:
        state = "captured" if captured else "voided"
    elif intent.state in OVER:
        state, captured = "captured", intent.amount.minor
    elif intent.state in OPEN:
        state = "authorised"
    else:
        state = "captured"
    return replace(standing, state=state, captured=captured, refunded=intent.refunded.minor)


def captured(intent: Intent, standing: Standing, part: Movement | None) -> Standing:
    """`standing` of a paid intent once the house has taken all that is left of it, or `part`."""
    if part is None:
        return replace(standing, state="captured", captured=intent.amount.minor)
    taken = intent.captured.minor + part.amount.minor
    told = Told(
        kind="capture", psp_id=part.id, reference=part.id, amount=part.amount.minor, state="succeeded"
    )
    state = "captured" if taken == intent.amount.minor else "authorised"
    return replace(standing, state=state, captured=taken, told=(*standing.told, told))


def refunded(intent: Intent, standing: Standing, part: Movement, psp_id: str) -> Standing:
    """`standing` of an intent of which `part` has gone back."""
    told = Told(kind="refund", psp_id=psp_id, reference=part.id, amount=part.amount.minor, state="succeeded")
    known = any(each.reference == part.id for each in standing.told)
    return replace(
        standing,
        refunded=standing.refunded + (0 if known else part.amount.minor),
        told=standing.told if known else (*standing.told, told),
    )
