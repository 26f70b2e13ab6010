"""REST of fulfilment: shipments, appointments, the house's tables, and the address for the carrier's news."""

from __future__ import annotations

import base64
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post, put
from litestar.datastructures import State
from litestar.params import Parameter

from luxe.kernel import context, errors
from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.services.fulfilment.contract import (
    Appointment,
    Capacity,
    Destination,
    MethodId,
    PackedUnit,
    Port,
    Replaced,
    Shipment,
    ShipmentEvent,
    ShipmentPage,
    ShipmentState,
    Slot,
    Table,
)
from luxe.services.fulfilment.service.simulator import WEBHOOK_PATH

MAX_EVENT = 65_536
Cursor = Annotated[str, Parameter(max_length=64)]
Limit = Annotated[int, Parameter(ge=1, le=100)]
Text = Annotated[str, msgspec.Meta(max_length=500)]
MovedTo = Literal["in_transit", "out_for_delivery", "delivered", "exception", "returned_to_sender", "lost"]


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A shipment, as its member sees it. `events` are those that moved it, oldest first."""

    id: str
    number: str
    order_id: str
    method: str
    state: ShipmentState
    units: list[PackedUnit]
    carrier: str
    tracking_number: str
    tracking_url: str
    events: list[ShipmentEvent]


class ParcelList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Parcel]


class Packing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without `units`, all that are in no shipment; without a `method`, the one that was ordered."""

    order_id: str
    units: list[PackedUnit] | None = None
    method: MethodId | Literal[""] = ""


class CallingOff(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: Text


class Move(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    state: MovedTo
    note: Text = ""


class Sheet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table as CSV text, its first line the columns."""

    csv: Annotated[str, msgspec.Meta(max_length=4_000_000)]


class NewCapacity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`place` is a country, or a country and a region (`CN-Shanghai`); times are as `10:00` there."""

    method: MethodId
    place: Annotated[str, msgspec.Meta(max_length=70)]
    day: date
    starts: str
    ends: str
    capacity: Annotated[int, msgspec.Meta(ge=0, le=1_000)]


class SlotList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Slot]


class CapacityList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Capacity]


class AppointmentList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Appointment]


@get(
    "/v1/shipments",
    tags=["Shipments"],
    summary="The shipments of one of your orders, newest first",
    operation_id="listOrderShipments",
)
async def list_of_order(
    principal: Principal, house: House, order_id: Annotated[str, Parameter(max_length=64)]
) -> ParcelList:
    require(principal, "member", "orders:read")
    page = await house.port(Port).shipments(order_id=order_id, limit=100)
    own = [each for each in page.items if each.account_id == principal.subject]
    return ParcelList(items=[_shown(each) for each in own if each.state != "called_off"])


@get(
    "/v1/shipments/{shipment_id:str}",
    tags=["Shipments"],
    summary="One of your shipments, by id or number",
    operation_id="getShipment",
)
async def read(shipment_id: str, principal: Principal, house: House) -> Parcel:
    require(principal, "member", "orders:read")
    found = await house.port(Port).shipment(shipment_id=shipment_id, account_id=principal.subject)
    return _shown(found)


@get(
    "/v1/slots",
    tags=["Shipments"],
    summary="Appointments that can be made for a delivery, by time",
    operation_id="listSlots",
)
async def list_slots(
    principal: Principal,
    house: House,
    country: Annotated[str, Parameter(pattern="^[A-Z]{2}$")],
    day: date,
    region: Annotated[str, Parameter(max_length=100)] = "",
    method: MethodId = "white_glove",
) -> SlotList:
    require(principal, "member", "orders:read")
    there = Destination(country=country, region=region)
    return SlotList(
        items=await house.port(Port).slots(destination=there, method=method, currency="", day=day)
    )


@get(
    "/v1/fulfilment/shipments",
    tags=["Fulfilment"],
    summary="Shipments of all members, newest first",
    operation_id="listShipments",
)
async def list_all(
    principal: Principal,
    house: House,
    order_id: Annotated[str, Parameter(max_length=64)] = "",
    shipment_state: Annotated[ShipmentState | None, Parameter(query="state")] = None,
    troubled: bool = False,
    cursor: Cursor = "",
    limit: Limit = 25,
) -> ShipmentPage:
    """For operators. `troubled` are those that somebody must look at."""
    require(principal, "operator", "orders:read")
    return await house.port(Port).shipments(
        order_id=order_id, state=shipment_state or "", troubled=troubled, cursor=cursor, limit=limit
    )


@post(
    "/v1/fulfilment/shipments",
    tags=["Fulfilment"],
    summary="Pack units of a paid order and book the carrier",
    operation_id="packShipment",
    opt={"service": "fulfilment"},
    status_code=201,
)
async def pack(
    data: Packing, request: Request[Any, Any, State], principal: Principal, house: House
) -> Shipment:
    """`booking` tells what the carrier said; while it is `wanted`, the house keeps asking."""
    require(principal, "operator", "orders:write")
    return await house.port(Port).ship(
        key=request.headers["idempotency-key"],
        order_id=data.order_id,
        units=data.units,
        method=data.method,
        operator_id=principal.subject,
    )


@post(
    "/v1/fulfilment/shipments/{shipment_id:str}/book",
    tags=["Fulfilment"],
    summary="Ask the carrier again",
    operation_id="bookShipment",
    opt={"service": "fulfilment"},
    status_code=200,
)
async def book(shipment_id: str, principal: Principal, house: House) -> Shipment:
    require(principal, "operator", "orders:write")
    return await house.port(Port).book(shipment_id=shipment_id)


@post(
    "/v1/fulfilment/shipments/{shipment_id:str}/hand-over",
    tags=["Fulfilment"],
    summary="Say that the carrier has a shipment",
    operation_id="handShipmentOver",
    opt={"service": "fulfilment"},
    status_code=200,
)
async def hand_over(shipment_id: str, principal: Principal, house: House) -> Shipment:
    """Its units have left the house, and its order can no longer be cancelled."""
    require(principal, "operator", "orders:write")
    return await house.port(Port).hand_over(shipment_id=shipment_id)


@post(
    "/v1/fulfilment/shipments/{shipment_id:str}/call-off",
    tags=["Fulfilment"],
    summary="Unpack a shipment that has not left the house",
    operation_id="callShipmentOff",
    opt={"service": "fulfilment"},
    status_code=200,
)
async def call_off(shipment_id: str, data: CallingOff, principal: Principal, house: House) -> Shipment:
    require(principal, "operator", "orders:write")
    return await house.port(Port).call_off(shipment_id=shipment_id, reason=data.reason)


@post(
    "/v1/fulfilment/shipments/{shipment_id:str}/moves",
    tags=["Fulfilment"],
    summary="Say what has become of a shipment",
    operation_id="moveShipment",
    opt={"service": "fulfilment"},
    status_code=200,
)
async def move(shipment_id: str, data: Move, principal: Principal, house: House) -> Shipment:
    """The last shipment of an order that is delivered delivers the order."""
    require(principal, "operator", "orders:write")
    return await house.port(Port).move(shipment_id=shipment_id, state=data.state, note=data.note)


@get(
    "/v1/fulfilment/shipments/{shipment_id:str}/label",
    tags=["Fulfilment"],
    summary="The carrier's label",
    operation_id="getShipmentLabel",
    media_type="application/pdf",
)
async def label(shipment_id: str, principal: Principal, house: House) -> Response[bytes]:
    require(principal, "operator", "orders:read")
    found = await house.port(Port).label(shipment_id=shipment_id)
    return Response(base64.b64decode(found.pdf), media_type="application/pdf")


@get(
    "/v1/fulfilment/tables/{table:str}",
    tags=["Fulfilment"],
    summary="A table of the house as CSV",
    operation_id="getFulfilmentTable",
)
async def read_table(table: Table, principal: Principal, house: House) -> Sheet:
    require(principal, "operator", "orders:read")
    return Sheet(csv=await house.port(Port).sheet(table=table))


@put(
    "/v1/fulfilment/tables/{table:str}",
    tags=["Fulfilment"],
    summary="Put another table in its place",
    operation_id="replaceFulfilmentTable",
    opt={"service": "fulfilment"},
    status_code=200,
)
async def replace_table(table: Table, data: Sheet, principal: Principal, house: House) -> Replaced:
    """A fault in any row leaves the table as it is."""
    require(principal, "operator", "orders:write")
    return await house.port(Port).replace_sheet(table=table, sheet=data.csv, operator_id=principal.subject)


@get(
    "/v1/fulfilment/capacities",
    tags=["Fulfilment"],
    summary="How many appointments there are, by day, place and time",
    operation_id="listCapacities",
)
async def list_capacities(principal: Principal, house: House, first: date, last: date) -> CapacityList:
    require(principal, "operator", "orders:read")
    return CapacityList(items=await house.port(Port).capacities(first=first, last=last))


@put(
    "/v1/fulfilment/capacities",
    tags=["Fulfilment"],
    summary="Set how many appointments there are in a time",
    operation_id="putCapacity",
    opt={"service": "fulfilment"},
    status_code=200,
)
async def put_capacity(data: NewCapacity, principal: Principal, house: House) -> Capacity:
    require(principal, "operator", "orders:write")
    return await house.port(Port).put_capacity(
        method=data.method,
        place=data.place,
        day=data.day,
        starts=data.starts,
        ends=data.ends,
        capacity=data.capacity,
    )


@get(
    "/v1/fulfilment/appointments",
    tags=["Fulfilment"],
    summary="The appointments that stand, by day, place and time",
    operation_id="listAppointments",
)
async def list_appointments(principal: Principal, house: House, first: date, last: date) -> AppointmentList:
    require(principal, "operator", "orders:read")
    return AppointmentList(items=await house.port(Port).appointments(first=first, last=last))


@post(WEBHOOK_PATH, status_code=200, include_in_schema=False, opt={"signed": True})
async def hear(request: Request[Any, Any, State], house: House) -> dict[str, bool]:
    """The carrier's signature stands in for a caller's identity and an Idempotency-Key."""
    body = await request.body()
    if len(body) > MAX_EVENT:
        raise errors.Refusal("an event is smaller than this", code="payload_too_large", status=413)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise errors.Forbidden("this is not the carrier's", code="signature_invalid") from error
    with context.acting("carrier"):
        await house.port(Port).hear(body=text, signature=request.headers.get("carrier-signature", ""))
    return {"heard": True}


def _shown(shipment: Shipment) -> Parcel:
    names = ("id", "number", "order_id", "method", "state", "units", "carrier")
    return Parcel(
        **{name: getattr(shipment, name) for name in names},
        tracking_number=shipment.tracking_number,
        tracking_url=shipment.tracking_url,
        events=[event for event in shipment.events if event.moved],
    )


HANDLERS = [
    list_of_order,
    read,
    list_slots,
    list_all,
    pack,
    book,
    hand_over,
    call_off,
    move,
    label,
    read_table,
    replace_table,
    list_capacities,
    put_capacity,
    list_appointments,
    hear,
]
