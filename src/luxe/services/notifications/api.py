"""REST of notifications: webhook endpoints, their log, and sending again.

A delivery is signed: `Luxe-Signature: t=<Unix time>,v1=<hex>`, where v1 is HMAC-SHA256 of `t.body` under the endpoint's
secret. `Luxe-Event-Id` stays the same however often an event is sent.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import delete, get, post
from litestar.params import Parameter

from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.services.notifications.contract import Delivery, DeliveryPage, Endpoint, EndpointMade, Port

_ONCE = {"service": "notifications"}
_SHOWN_ONCE = {"service": "notifications", "shown_once": True}
_WIDE = ("operator", "integrator")
_SCOPE = "webhooks:write"


class NewEndpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`events` are some of order.placed, order.paid, order.cancelled, order.shipped, order.delivered, order.refunded,
    order.edited, membership.activated, product.changed, stock.changed, stock.low."""

    url: Annotated[str, msgspec.Meta(max_length=2_000)]
    events: Annotated[list[str], msgspec.Meta(min_length=1, max_length=20)]


def _owner(principal: Principal) -> str:
    """The account whose endpoints these are: a member's, an operator's or an integrator's."""
    if not any(principal.may(role, _SCOPE) for role in _WIDE):
        require(principal, "member", _SCOPE)
    return principal.subject


@get(
    "/v1/webhook-endpoints",
    tags=["Webhooks"],
    summary="Your webhook endpoints",
    operation_id="listWebhookEndpoints",
)
async def list_endpoints(principal: Principal, house: House) -> list[Endpoint]:
    return await house.port(Port).endpoints(account_id=_owner(principal))


@post(
    "/v1/webhook-endpoints",
    tags=["Webhooks"],
    summary="Add a webhook endpoint",
    description="HTTPS only. The secret that signs deliveries is in this answer and nowhere else. An endpoint hears of "
    "your own objects; of everything if you are an operator or integrator.",
    operation_id="addWebhookEndpoint",
    opt=_SHOWN_ONCE,
)
async def add_endpoint(data: NewEndpoint, principal: Principal, house: House) -> EndpointMade:
    return await house.port(Port).put_endpoint(account_id=_owner(principal), url=data.url, events=data.events)


@delete(
    "/v1/webhook-endpoints/{endpoint_id:str}",
    tags=["Webhooks"],
    summary="Remove a webhook endpoint",
    description="What still waited for it is given up.",
    operation_id="removeWebhookEndpoint",
    opt=_ONCE,
)
async def remove_endpoint(endpoint_id: str, principal: Principal, house: House) -> None:
    await house.port(Port).remove_endpoint(account_id=_owner(principal), endpoint_id=endpoint_id)


@get(
    "/v1/webhook-endpoints/{endpoint_id:str}/deliveries",
    tags=["Webhooks"],
    summary="What was sent to an endpoint, newest first",
    operation_id="listWebhookDeliveries",
)
async def list_deliveries(
    endpoint_id: str,
    principal: Principal,
    house: House,
    cursor: Annotated[str, Parameter(max_length=64)] = "",
    limit: Annotated[int, Parameter(ge=1, le=100)] = 25,
) -> DeliveryPage:
    return await house.port(Port).deliveries(
        account_id=_owner(principal), endpoint_id=endpoint_id, cursor=cursor, limit=limit
    )


@post(
    "/v1/webhook-deliveries/{delivery_id:str}/redeliver",
    tags=["Webhooks"],
    summary="Send an event again",
    description="The event keeps its id. The answer is the new delivery, or the one that still waits.",
    operation_id="redeliverWebhook",
    opt=_ONCE,
)
async def redeliver(delivery_id: str, principal: Principal, house: House) -> Delivery:
    return await house.port(Port).redeliver(account_id=_owner(principal), delivery_id=delivery_id)


handlers = [list_endpoints, add_endpoint, remove_endpoint, list_deliveries, redeliver]
