"""REST of inventory."""

from __future__ import annotations

import msgspec
from litestar import get, post

from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.services.inventory.contract import Availability, Port


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    quantity: int
    reason: str
    reference: str
    location: str = "main"


@get(
    "/v1/inventory/{variant_id:str}",
    tags=["Inventory"],
    summary="How many units of a variant there are",
    operation_id="getAvailability",
)
async def availability(variant_id: str, principal: Principal, house: House) -> Availability:
    require(principal, "operator", "inventory:read")
    return (await house.port(Port).availability(variant_ids=[variant_id]))[0]


@post(
    "/v1/inventory/{variant_id:str}/receipts",
    tags=["Inventory"],
    summary="Receive units into a location",
    operation_id="receiveUnits",
    status_code=201,
    opt={"service": "inventory"},
)
async def receive(variant_id: str, data: Receipt, principal: Principal, house: House) -> Availability:
    require(principal, "operator", "inventory:write")
    return await house.port(Port).receive(
        variant_id=variant_id,
        quantity=data.quantity,
        reason=data.reason,
        key=f"{principal.subject}:{data.reference}",
        location=data.location,
    )
