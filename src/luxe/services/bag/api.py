"""REST of the bag and the wish list: a member's own."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import delete, get, post, put

from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.services.bag.contract import MAX_QUANTITY, Bag, BagLine, Port, Wait

Quantity = Annotated[int, msgspec.Meta(ge=1, le=MAX_QUANTITY)]


class BagView(msgspec.Struct, frozen=True, kw_only=True):
    """Prices and stock are asked of their own resources. `version` grows with each change."""

    lines: list[BagLine]
    pieces: int
    version: int


class LineQuantity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With `was`, only if there are that many now; otherwise `bag_changed`."""

    quantity: Quantity
    was: Annotated[int, msgspec.Meta(ge=0, le=MAX_QUANTITY)] | None = None


class NewLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    variant_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    quantity: Quantity = 1


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """Product ids, newest first."""

    items: list[str]


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    items: list[Wait]


@get("/v1/bag", tags=["Bag"], summary="Your bag", operation_id="getBag")
async def get_bag(principal: Principal, house: House) -> BagView:
    require(principal, "member", "bag:read")
    return _shown(await house.port(Port).bag(account_id=principal.subject))


@post(
    "/v1/bag/lines",
    tags=["Bag"],
    summary="Add a piece",
    operation_id="addBagLine",
    opt={"service": "bag"},
    status_code=200,
)
async def add_line(data: NewLine, principal: Principal, house: House) -> BagView:
    require(principal, "member", "bag:write")
    bag = await house.port(Port).add(
        account_id=principal.subject, variant_id=data.variant_id, quantity=data.quantity
    )
    return _shown(bag)


@put(
    "/v1/bag/lines/{variant_id:str}",
    tags=["Bag"],
    summary="Set how many",
    operation_id="putBagLine",
    opt={"service": "bag"},
)
async def put_line(variant_id: str, data: LineQuantity, principal: Principal, house: House) -> BagView:
    require(principal, "member", "bag:write")
    bag = await house.port(Port).put(
        account_id=principal.subject, variant_id=variant_id, quantity=data.quantity, was=data.was
    )
    return _shown(bag)


@delete(
    "/v1/bag/lines/{variant_id:str}",
    tags=["Bag"],
    summary="Remove a line",
    operation_id="deleteBagLine",
    opt={"service": "bag"},
    status_code=200,
)
async def delete_line(variant_id: str, principal: Principal, house: House) -> BagView:
    require(principal, "member", "bag:write")
    return _shown(await house.port(Port).put(account_id=principal.subject, variant_id=variant_id, quantity=0))


@get("/v1/wishes", tags=["Wishes"], summary="Your wish list", operation_id="listWishes")
async def list_wishes(principal: Principal, house: House) -> Wishes:
    require(principal, "member", "bag:read")
    return Wishes(items=await house.port(Port).wishes(account_id=principal.subject))


@put(
    "/v1/wishes/{product_id:str}",
    tags=["Wishes"],
    summary="Wish for a piece",
    operation_id="putWish",
    opt={"service": "bag"},
    status_code=204,
)
async def put_wish(product_id: str, principal: Principal, house: House) -> None:
    require(principal, "member", "bag:write")
    await house.port(Port).wish(account_id=principal.subject, product_id=product_id, wanted=True)


@delete(
    "/v1/wishes/{product_id:str}",
    tags=["Wishes"],
    summary="Wish no more",
    operation_id="deleteWish",
    opt={"service": "bag"},
    status_code=204,
)
async def delete_wish(product_id: str, principal: Principal, house: House) -> None:
    require(principal, "member", "bag:write")
    await house.port(Port).wish(account_id=principal.subject, product_id=product_id, wanted=False)


@get("/v1/waits", tags=["Wishes"], summary="Sold-out pieces that you wait for", operation_id="listWaits")
async def list_waits(principal: Principal, house: House) -> Waits:
    require(principal, "member", "bag:read")
    return Waits(items=await house.port(Port).waits(account_id=principal.subject))


@put(
    "/v1/waits/{variant_id:str}",
    tags=["Wishes"],
    summary="Be told when a sold-out piece is back",
    operation_id="putWait",
    opt={"service": "bag"},
    status_code=204,
)
async def put_wait(variant_id: str, principal: Principal, house: House) -> None:
    """One letter each time that it comes back, until you buy it or want it no more."""
    require(principal, "member", "bag:write")
    await house.port(Port).wait_for(account_id=principal.subject, variant_id=variant_id, wanted=True)


@delete(
    "/v1/waits/{variant_id:str}",
    tags=["Wishes"],
    summary="Wait no more",
    operation_id="deleteWait",
    opt={"service": "bag"},
    status_code=204,
)
async def delete_wait(variant_id: str, principal: Principal, house: House) -> None:
    require(principal, "member", "bag:write")
    await house.port(Port).wait_for(account_id=principal.subject, variant_id=variant_id, wanted=False)


def _shown(bag: Bag) -> BagView:
    return BagView(lines=bag.lines, pieces=sum(line.quantity for line in bag.lines), version=bag.version)
