"""What the office does with an order: deliver, cancel, refund. Each ends at the order's page, with what went wrong if it did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Response, post
from litestar.response import Redirect

from luxe.kernel.auth import Principal
from luxe.kernel.errors import BadRequest, Refusal
from luxe.kernel.house import House
from luxe.kernel.money import Money, MoneyError
from luxe.sagas.refund.contract import Kind
from luxe.web.office.desk import operator
from luxe.web.site import Site, Visitor, WebRequest, fields, see

SETTLES_WITHIN = 5.0
"""Seconds that a page waits for a run to end."""

Act = Callable[[Site, Visitor, dict[str, str]], Awaitable[str]]
"""Does it, given what was typed; returns the code of what went wrong later, or nothing."""


@post("/office/orders/{order_id:str}/deliver", include_in_schema=False)
async def deliver(
    order_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    async def act(site: Site, visitor: Visitor, typed: dict[str, str]) -> str:
        await site.orders.deliver(order_id=order_id)
        return ""

    return await _done(order_id, request, principal, house, act)


@post("/office/orders/{order_id:str}/cancel", include_in_schema=False)
async def cancel(
    order_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    async def act(site: Site, visitor: Visitor, typed: dict[str, str]) -> str:
        begun = await site.cancel.start(
            key=typed["idempotency_key"],
            by=visitor.id,
            order_id=order_id,
            reason=typed.get("reason", ""),
        )
        return (await site.cancel.watch(run=begun.run, seconds=SETTLES_WITHIN)).problem_code

    return await _done(order_id, request, principal, house, act)


@post("/office/orders/{order_id:str}/refund", include_in_schema=False)
async def refund(
    order_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    async def act(site: Site, visitor: Visitor, typed: dict[str, str]) -> str:
        order = await site.orders.order(order_id=order_id)
        begun = await site.refund.start(
            key=typed["idempotency_key"],
            by=visitor.id,
            order_id=order_id,
            amount=_amount(typed.get("amount", ""), order.draft.payable.currency),
            kind=_kind(typed.get("kind", "")),
            reason=typed.get("reason", ""),
        )
        return (await site.refund.watch(run=begun.run, seconds=SETTLES_WITHIN)).problem_code

    return await _done(order_id, request, principal, house, act)


def _amount(text: str, currency: str) -> Money:
    """A plain decimal; a comma may stand where thousands part."""
    try:
        return Money.parse(text.replace(",", ""), currency)
    except MoneyError as error:
        raise BadRequest("this is not an amount", code="refund_invalid") from error


def _kind(text: str) -> Kind:
    try:
        return msgspec.convert(text, Kind)
    except msgspec.ValidationError as error:
        raise BadRequest("nothing is refunded for this", code="refund_invalid") from error


async def _done(
    order_id: str, request: WebRequest, principal: Principal, house: House, act: Act
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    here = f"/office/orders/{order_id}"
    typed = await fields(request)
    if not typed.get("idempotency_key"):
        return see(here)
    try:
        problem = await act(site, visitor, typed)
    except Refusal as refusal:
        if refusal.status == HTTPStatus.NOT_FOUND:
            raise
        problem = refusal.code
    return see(f"{here}?problem={problem}") if problem else see(here, "saved")
