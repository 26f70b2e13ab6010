"""REST of checkout: start a run, watch it, give it up."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.sagas.checkout.contract import (
    CheckoutInput,
    CheckoutLine,
    CheckoutQuote,
    CheckoutView,
    Port,
    QuoteInput,
)
from luxe.services.orders.contract import Address
from luxe.services.promotions.contract import Gift

Wait = Annotated[
    int, Parameter(query="wait", ge=0, le=10, description="Seconds to wait for something to have happened.")
]


Code = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Codes = Annotated[list[Code], msgspec.Meta(max_length=10)]
Points = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


class CheckoutRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`expected` is the total to pay that the member saw: what is left after discounts, points and gift cards. `codes` are
    vouchers', each of which has to take something off; `gifts` say what is paid with which gift card. `method` is an id of
    the ways to pay (empty: chosen on the provider's page), `delivery` one of the ways of delivery (empty: the standard one),
    `slot` an appointment, where that way needs one."""

    lines: list[CheckoutLine]
    address: Address
    deliver_on: date
    expected: Money
    points: Points = 0
    gift_message: str = ""
    gift_wrap: bool = False
    method: Annotated[str, msgspec.Meta(max_length=40)] = ""
    delivery: Annotated[str, msgspec.Meta(max_length=40)] = ""
    slot: Annotated[str, msgspec.Meta(max_length=64)] = ""
    codes: Codes = []
    gifts: Annotated[list[Gift], msgspec.Meta(max_length=10)] = []


class QuoteRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`codes` are vouchers' and gift cards' alike. With the `country` of delivery, and where it matters the region and the
    postcode, the answer has ways of delivery, duties and taxes. `delivery` is the way that is wanted."""

    lines: Annotated[list[CheckoutLine], msgspec.Meta(min_length=1, max_length=50)]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    country: Annotated[str, msgspec.Meta(pattern="^([A-Z]{2})?$")] = ""
    region: Annotated[str, msgspec.Meta(max_length=120)] = ""
    postcode: Annotated[str, msgspec.Meta(max_length=20)] = ""
    delivery: Annotated[str, msgspec.Meta(max_length=40)] = ""
    codes: Codes = []
    points: Points = 0


@post(
    "/v1/checkouts",
    tags=["Checkout"],
    summary="Start a checkout",
    operation_id="startCheckout",
    status_code=202,
    opt={"service": "checkout"},
)
async def start(
    data: CheckoutRequest, principal: Principal, house: House, request: Request[Principal, str, State]
) -> CheckoutView:
    require(principal, "member", "orders:write")
    fields = {name: getattr(data, name) for name in data.__struct_fields__}
    wanted = CheckoutInput(
        account_id=principal.subject,
        currency=data.expected.currency,
        locale=principal.locale or "en",
        **fields,
    )
    return await house.port(Port).start(key=request.headers["idempotency-key"], input=wanted)


@post(
    "/v1/checkouts/quote",
    tags=["Checkout"],
    summary="What a checkout would cost, and why",
    operation_id="quoteCheckout",
    status_code=200,
    opt={"service": "checkout", "shown_once": True},
)
async def quote(data: QuoteRequest, principal: Principal, house: House) -> CheckoutQuote:
    """Line by line. Nothing is held, and a rejected code says why. After ten wrong codes in a quarter of an hour no code is
    looked at. The answer names the codes, so it is not kept: ask again with another key. What is to be paid goes into a
    checkout as `expected`, the discounts' codes as `codes`, and gift cards that pay something as `gifts`."""
    require(principal, "member", "orders:write")
    wanted = QuoteInput(
        account_id=principal.subject,
        lines=data.lines,
        currency=data.currency,
        country=data.country,
        region=data.region,
        postcode=data.postcode,
        delivery=data.delivery,
        codes=data.codes,
        points=data.points,
    )
    return await house.port(Port).quote(input=wanted)


@get("/v1/checkouts/{run:str}", tags=["Checkout"], summary="Watch a checkout", operation_id="getCheckout")
async def watch(
    run: str, principal: Principal, house: House, request: Request[Principal, str, State], wait: Wait = 0
) -> CheckoutView:
    """With `wait`, the answer comes as soon as the run has ended or waits for payment. Send the ETag of the answer that
    showed `pay_at` as `If-None-Match`, and it comes when the payment has been settled; 304 if it was not by then."""
    require(principal, "member", "orders:read")
    checkout = house.port(Port)
    if not wait:
        return await checkout.view(run=run, account_id=principal.subject)
    return await checkout.watch(
        run=run,
        account_id=principal.subject,
        seconds=wait,
        unlike=request.headers.get("if-none-match", ""),
    )


@post(
    "/v1/checkouts/{run:str}/abandon",
    tags=["Checkout"],
    summary="Give a checkout up before paying",
    operation_id="abandonCheckout",
    status_code=202,
    opt={"service": "checkout"},
)
async def abandon(run: str, principal: Principal, house: House) -> CheckoutView:
    require(principal, "member", "orders:write")
    await house.port(Port).abandon(run=run, account_id=principal.subject)
    return await house.port(Port).view(run=run, account_id=principal.subject)
