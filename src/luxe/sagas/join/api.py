"""REST of joining: pay the fee, watch how it goes."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import Parameter

from luxe.kernel import errors
from luxe.kernel.auth import Principal
from luxe.kernel.house import House
from luxe.sagas.join.contract import JoinInput, JoinView, Port

TAGS = ["Join"]


class JoinRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The currency to pay the annual fee in, and the language of the payment page."""

    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    locale: Annotated[str, msgspec.Meta(max_length=20)] = "en"


def _in_person(principal: Principal) -> str:
    if not principal.known:
        raise errors.Unauthenticated("sign in")
    if principal.kind != "session":
        raise errors.Forbidden("this is not done by an API key")
    return principal.subject


@post("/v1/join", opt={"service": "join"}, tags=TAGS, summary="Pay the annual fee", operation_id="startJoin")
async def start(
    principal: Principal,
    house: House,
    data: JoinRequest,
    idempotency_key: Annotated[str, Parameter(header="Idempotency-Key", min_length=1, max_length=200)],
) -> JoinView:
    """Starts a run, or answers with the one that this account has under way. Its payment page follows in `pay_at`."""
    wanted = JoinInput(account_id=_in_person(principal), currency=data.currency, locale=data.locale)
    return await house.port(Port).start(key=idempotency_key, input=wanted)


@get("/v1/join/{run:str}", tags=TAGS, summary="How joining goes", operation_id="getJoin")
async def view(principal: Principal, house: House, run: str) -> JoinView:
    """`state` is running, undoing, done, refused or stuck; `pay_at` is the page to pay on while it waits for that."""
    return await house.port(Port).view(run=run, account_id=_in_person(principal))


handlers = [start, view]
