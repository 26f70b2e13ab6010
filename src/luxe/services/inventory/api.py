"""REST of inventory: what there is, and what an operator does about it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar import get, post, put
from litestar.params import Parameter

from luxe.kernel import errors
from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.kernel.ids import is_id
from luxe.services.inventory.contract import (
    Availability,
    Location,
    LocationStock,
    MovementPage,
    Port,
    Transfer,
    TransferPage,
    UnitPage,
)

TAGS = ["Inventory"]
ONCE = {"service": "inventory"}
Quantity = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Words = Annotated[str, msgspec.Meta(max_length=500)]
Serials = Annotated[list[str], msgspec.Meta(max_length=10_000)]
Cursor = Annotated[str, Parameter(max_length=64, description="`next` of the page before")]
Limit = Annotated[int, Parameter(ge=1, le=100)]


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`reference` names the delivery: the same one again adds nothing. `serials` are the brand's, one for each unit."""

    quantity: Quantity
    reason: Reason
    reference: Reference
    location: Code = "main"
    serials: Serials = []
    lot: Annotated[str, msgspec.Meta(max_length=64)] = ""
    note: Words = ""


class Promise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units still to come: `on` a day, or `lead_days` after each is sold. One of both."""

    quantity: Quantity
    reason: Reason
    reference: Reference
    location: Code = "main"
    on: date | None = None
    lead_days: Annotated[int, msgspec.Meta(ge=0, le=1_095)] = 0


class UnitAdjustment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    quantity: Quantity
    cause: Literal["found", "lost", "damaged", "not_coming"]
    reason: Reason
    reference: Reference
    location: Code = "main"
    serials: Serials = []


class UnitCount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    quantity: Annotated[int, msgspec.Meta(ge=0, le=10_000)]
    reason: Reason
    location: Code = "main"


class Threshold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    at: Annotated[int, msgspec.Meta(ge=0, le=10_000)] | None


class LocationDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    kind: Literal["warehouse", "boutique", "brand"] = "warehouse"
    country: Annotated[str, msgspec.Meta(max_length=2)] = ""
    active: bool = True


class Sending(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    variant_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    quantity: Quantity
    origin: Code
    destination: Code
    reason: Reason
    reference: Reference
    serials: Serials = []


class Arriving(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without serials, all that is on its way."""

    serials: Serials = []


class TransferReason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: Reason


def _reads(principal: Principal) -> None:
    require(principal, "operator", "inventory:read")


def _once(principal: Principal, reference: str) -> str:
    """Whoever may write; the key of an effect is the caller's own reference."""
    require(principal, "operator", "inventory:write")
    return f"{principal.subject}:{reference}"


@get(
    "/v1/inventory/{variant_id:str}",
    tags=TAGS,
    summary="How many units of a variant there are",
    operation_id="getAvailability",
)
async def availability(variant_id: str, principal: Principal, house: House) -> Availability:
    _reads(principal)
    return (await house.port(Port).availability(variant_ids=[variant_id]))[0]


@get(
    "/v1/inventory/{variant_id:str}/locations",
    tags=TAGS,
    summary="Unsold units of a variant by location",
    operation_id="getStock",
)
async def stock(variant_id: str, principal: Principal, house: House) -> list[LocationStock]:
    _reads(principal)
    return await house.port(Port).stock(variant_ids=[variant_id])


@get(
    "/v1/inventory/{variant_id:str}/units",
    tags=TAGS,
    summary="Unsold units of a variant",
    operation_id="listUnits",
)
async def units(
    variant_id: str, principal: Principal, house: House, cursor: Cursor = "", limit: Limit = 50
) -> UnitPage:
    """Oldest first, each with its serial number, location and state."""
    _reads(principal)
    _check_cursor(not cursor or is_id(cursor, "unit"))
    return await house.port(Port).units(variant_id=variant_id, cursor=cursor, limit=limit)


@get(
    "/v1/inventory/{variant_id:str}/movements",
    tags=TAGS,
    summary="TransferReason the number of units changed",
    operation_id="listMovements",
)
async def movements(
    variant_id: str, principal: Principal, house: House, cursor: Cursor = "", limit: Limit = 50
) -> MovementPage:
    """Receipts, counts, adjustments and transfers, newest first, with actor and reason."""
    _reads(principal)
    _check_cursor(not cursor or (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19))
    return await house.port(Port).movements(variant_id=variant_id, cursor=cursor, limit=limit)


@post(
    "/v1/inventory/{variant_id:str}/receipts",
    tags=TAGS,
    summary="Receive units into a location",
    operation_id="receiveUnits",
    status_code=201,
    opt=ONCE,
)
async def receive(variant_id: str, data: Receipt, principal: Principal, house: House) -> Availability:
    key = _once(principal, data.reference)
    return await house.port(Port).receive(
        variant_id=variant_id,
        quantity=data.quantity,
        reason=data.reason,
        key=key,
        location=data.location,
        serials=data.serials,
        lot=data.lot,
        note=data.note,
    )


@post(
    "/v1/inventory/{variant_id:str}/promises",
    tags=TAGS,
    summary="Promise units that are still to come",
    operation_id="expectUnits",
    status_code=201,
    opt=ONCE,
)
async def expect(variant_id: str, data: Promise, principal: Principal, house: House) -> Availability:
    """They can be sold at once, and never more of them than are promised here."""
    key = _once(principal, data.reference)
    return await house.port(Port).expect(
        variant_id=variant_id,
        quantity=data.quantity,
        reason=data.reason,
        key=key,
        location=data.location,
        on=data.on,
        lead_days=data.lead_days,
    )


@post(
    "/v1/inventory/{variant_id:str}/arrivals",
    tags=TAGS,
    summary="Promised units have arrived",
    operation_id="arriveUnits",
    status_code=201,
    opt=ONCE,
)
async def arrive(variant_id: str, data: Receipt, principal: Principal, house: House) -> Availability:
    """Those that are sold already come first."""
    key = _once(principal, data.reference)
    return await house.port(Port).arrive(
        variant_id=variant_id,
        quantity=data.quantity,
        reason=data.reason,
        key=key,
        location=data.location,
        serials=data.serials,
        lot=data.lot,
        note=data.note,
    )


@post(
    "/v1/inventory/{variant_id:str}/adjustments",
    tags=TAGS,
    summary="Write units off, or found ones on",
    operation_id="adjustUnits",
    status_code=201,
    opt=ONCE,
)
async def adjust(variant_id: str, data: UnitAdjustment, principal: Principal, house: House) -> Availability:
    key = _once(principal, data.reference)
    return await house.port(Port).adjust(
        variant_id=variant_id,
        quantity=data.quantity,
        cause=data.cause,
        reason=data.reason,
        key=key,
        location=data.location,
        serials=data.serials,
    )


@post(
    "/v1/inventory/{variant_id:str}/counts",
    tags=TAGS,
    summary="Say how many unsold units are at a location",
    operation_id="countUnits",
    status_code=201,
    opt=ONCE,
)
async def count(variant_id: str, data: UnitCount, principal: Principal, house: House) -> Availability:
    require(principal, "operator", "inventory:write")
    return await house.port(Port).count(
        variant_id=variant_id, quantity=data.quantity, reason=data.reason, location=data.location
    )


@put(
    "/v1/inventory/{variant_id:str}/low-stock",
    tags=TAGS,
    summary="From how many units on a variant is low",
    operation_id="setLowStock",
    status_code=204,
    opt=ONCE,
)
async def low_stock(variant_id: str, data: Threshold, principal: Principal, house: House) -> None:
    """Null restores the house's own threshold."""
    require(principal, "operator", "inventory:write")
    await house.port(Port).set_low_stock(variant_id=variant_id, at=data.at)


@get("/v1/locations", tags=TAGS, summary="Where units are kept", operation_id="listLocations")
async def locations(principal: Principal, house: House) -> list[Location]:
    _reads(principal)
    return await house.port(Port).locations()


@put(
    "/v1/locations/{code:str}",
    tags=TAGS,
    summary="Add or change a location",
    operation_id="putLocation",
    opt=ONCE,
)
async def put_location(code: str, data: LocationDraft, principal: Principal, house: House) -> Location:
    require(principal, "operator", "inventory:write")
    place = Location(code=code, name=data.name, kind=data.kind, country=data.country, active=data.active)
    return await house.port(Port).put_location(location=place)


@get("/v1/transfers", tags=TAGS, summary="Transfers between locations", operation_id="listTransfers")
async def transfers(
    principal: Principal,
    house: House,
    in_state: Annotated[Literal["", "in_transit", "received", "cancelled"], Parameter(query="state")] = "",
    cursor: Cursor = "",
    limit: Limit = 25,
) -> TransferPage:
    """Newest first."""
    _reads(principal)
    _check_cursor(not cursor or is_id(cursor, "trf"))
    return await house.port(Port).transfers(state=in_state, cursor=cursor, limit=limit)


@post(
    "/v1/transfers",
    tags=TAGS,
    summary="Send units to another location",
    operation_id="sendUnits",
    status_code=201,
    opt=ONCE,
)
async def send(data: Sending, principal: Principal, house: House) -> Transfer:
    """Nobody can buy them until they arrive."""
    key = _once(principal, data.reference)
    return await house.port(Port).transfer(
        key=key,
        variant_id=data.variant_id,
        quantity=data.quantity,
        origin=data.origin,
        destination=data.destination,
        reason=data.reason,
        serials=data.serials,
    )


@post(
    "/v1/transfers/{transfer_id:str}/arrivals",
    tags=TAGS,
    summary="Sent units have arrived",
    operation_id="receiveTransfer",
    status_code=200,
    opt=ONCE,
)
async def receive_transfer(transfer_id: str, data: Arriving, principal: Principal, house: House) -> Transfer:
    require(principal, "operator", "inventory:write")
    return await house.port(Port).receive_transfer(transfer_id=transfer_id, serials=data.serials)


@post(
    "/v1/transfers/{transfer_id:str}/cancellation",
    tags=TAGS,
    summary="Take back what is still on its way",
    operation_id="cancelTransfer",
    status_code=200,
    opt=ONCE,
)
async def cancel_transfer(
    transfer_id: str, data: TransferReason, principal: Principal, house: House
) -> Transfer:
    require(principal, "operator", "inventory:write")
    return await house.port(Port).cancel_transfer(transfer_id=transfer_id, reason=data.reason)


def _check_cursor(sound: bool) -> None:
    if not sound:
        raise errors.BadRequest("this is not a cursor of ours", code="cursor_invalid")


HANDLERS = [
    availability, stock, units, movements, receive, expect, arrive, adjust, count, low_stock,
    locations, put_location, transfers, send, receive_transfer, cancel_transfer,
]  # fmt: skip
