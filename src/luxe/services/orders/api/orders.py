"""REST of orders and of the address book: a member's own, and an order's way to the member for operators."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import delete, get, post
from litestar.params import Parameter

from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.services.orders.contract import (
    Address,
    GiftPart,
    Order,
    OrderDiscount,
    OrderLine,
    OrderState,
    OrderTax,
    Port,
    RefundKind,
    RefundState,
    SavedAddress,
    TimelineEntry,
)


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """`payable` = goods − discount + delivery + tax_added − points_worth − gift_worth; what gift cards pay is not charged
    elsewhere. Each line says in its `reasons` what of the discount is its own."""

    id: str
    number: str
    state: OrderState
    lines: list[OrderLine]
    goods: Money
    delivery: Money
    points: int
    points_worth: Money
    payable: Money
    points_earned: int
    address: Address
    deliver_on: date
    gift_message: str
    gift_wrap: bool
    placed_at: datetime
    paid_at: datetime | None
    timeline: list[TimelineEntry]
    discount: Money | None
    discounts: list[OrderDiscount]
    gift_worth: Money | None
    gifts: list[GiftPart]
    delivery_method: str
    slot: str
    taxes: list[OrderTax]
    tax_included: Money | None
    tax_added: Money | None


class OrderList(msgspec.Struct, frozen=True, kw_only=True):
    """`next` is the cursor of the page after this one."""

    items: list[OrderView]
    next: str | None


class RefundEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`points_back` had been spent on the order, `points_taken` earned with it; both move once it is `done`. `gift` is the
    part of `amount` that goes back to gift cards."""

    id: str
    kind: RefundKind
    state: RefundState
    amount: Money
    reason: str
    points_back: int
    points_taken: int
    at: datetime
    gift: Money | None


class RefundEntries(msgspec.Struct, frozen=True, kw_only=True):
    items: list[RefundEntry]


class AddressList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[SavedAddress]


@get("/v1/orders", tags=["Orders"], summary="Your orders, newest first", operation_id="listOrders")
async def list_orders(
    principal: Principal,
    house: House,
    cursor: Annotated[str, Parameter(max_length=64)] = "",
    limit: Annotated[int, Parameter(ge=1, le=100)] = 25,
) -> OrderList:
    require(principal, "member", "orders:read")
    page = await house.port(Port).orders(account_id=principal.subject, cursor=cursor, limit=limit)
    return OrderList(items=[_shown(order) for order in page.items], next=page.next)


@get(
    "/v1/orders/{order_id:str}",
    tags=["Orders"],
    summary="One of your orders, by id or number",
    operation_id="getOrder",
)
async def get_order(order_id: str, principal: Principal, house: House) -> OrderView:
    require(principal, "member", "orders:read")
    return _shown(await house.port(Port).order(order_id=order_id, account_id=principal.subject))


@get(
    "/v1/orders/{order_id:str}/refunds",
    tags=["Orders"],
    summary="What went back of one of your orders, oldest first",
    operation_id="listOrderRefunds",
)
async def list_refunds(order_id: str, principal: Principal, house: House) -> RefundEntries:
    require(principal, "member", "orders:read")
    port = house.port(Port)
    order = await port.order(order_id=order_id, account_id=principal.subject)
    names = RefundEntry.__struct_fields__
    return RefundEntries(
        items=[
            RefundEntry(**{name: getattr(each, name) for name in names})
            for each in await port.refunds(order_id=order.id)
        ]
    )


@post(
    "/v1/orders/{order_id:str}/ship",
    tags=["Orders"],
    summary="Say that a paid order has left the house",
    operation_id="shipOrder",
    opt={"service": "orders"},
    status_code=200,
)
async def ship_order(order_id: str, principal: Principal, house: House) -> OrderView:
    """From then on it cannot be cancelled. Of shipping and cancelling at once exactly one succeeds."""
    require(principal, "operator", "orders:write")
    port = house.port(Port)
    return _shown(await port.ship(order_id=(await port.order(order_id=order_id)).id))


@post(
    "/v1/orders/{order_id:str}/deliver",
    tags=["Orders"],
    summary="Say that a shipped order is with its member",
    operation_id="deliverOrder",
    opt={"service": "orders"},
    status_code=200,
)
async def deliver_order(order_id: str, principal: Principal, house: House) -> OrderView:
    require(principal, "operator", "orders:write")
    port = house.port(Port)
    return _shown(await port.deliver(order_id=(await port.order(order_id=order_id)).id))


@get(
    "/v1/addresses",
    tags=["Addresses"],
    summary="Your address book, latest used first",
    operation_id="listAddresses",
)
async def list_addresses(principal: Principal, house: House) -> AddressList:
    require(principal, "member", "addresses:read")
    return AddressList(items=await house.port(Port).addresses(account_id=principal.subject))


@post(
    "/v1/addresses",
    tags=["Addresses"],
    summary="Keep an address",
    operation_id="saveAddress",
    opt={"service": "orders"},
    status_code=201,
)
async def save_address(data: Address, principal: Principal, house: House) -> SavedAddress:
    require(principal, "member", "addresses:write")
    return await house.port(Port).save_address(account_id=principal.subject, address=data)


@delete(
    "/v1/addresses/{address_id:str}",
    tags=["Addresses"],
    summary="Forget an address",
    operation_id="forgetAddress",
    opt={"service": "orders"},
    status_code=204,
)
async def forget_address(address_id: str, principal: Principal, house: House) -> None:
    require(principal, "member", "addresses:write")
    await house.port(Port).forget_address(account_id=principal.subject, address_id=address_id)


def _shown(order: Order) -> OrderView:
    draft = order.draft
    return OrderView(
        id=order.id,
        number=order.number,
        state=order.state,
        lines=draft.lines,
        goods=draft.goods,
        delivery=draft.delivery,
        points=draft.points,
        points_worth=draft.points_worth,
        payable=draft.payable,
        points_earned=order.points_earned,
        address=draft.address,
        deliver_on=draft.deliver_on,
        gift_message=draft.gift_message,
        gift_wrap=draft.gift_wrap,
        placed_at=order.placed_at,
        paid_at=order.paid_at,
        timeline=order.timeline,
        discount=draft.discount,
        discounts=draft.discounts,
        gift_worth=draft.gift_worth,
        gifts=draft.gifts,
        delivery_method=draft.delivery_method,
        slot=draft.slot,
        taxes=draft.taxes,
        tax_included=draft.tax_included,
        tax_added=draft.tax_added,
    )


handlers = [
    list_orders,
    get_order,
    list_refunds,
    ship_order,
    deliver_order,
    list_addresses,
    save_address,
    forget_address,
]
