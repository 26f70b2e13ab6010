"""REST of promotions: vouchers, for operators."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import Parameter

from luxe.kernel.auth import Principal, require
from luxe.kernel.errors import BadRequest
from luxe.kernel.house import House
from luxe.kernel.ids import is_id, new_id
from luxe.services.promotions.contract import Port, Voucher, VoucherPage, VoucherRules

TAGS = ["Promotions"]
Cursor = Annotated[str, Parameter(max_length=64, description="`next` of the page before")]
Limit = Annotated[int, Parameter(ge=1, le=100)]


class VoucherDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name that members read, the rules, and how many codes open it."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    rules: VoucherRules
    codes: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 1


def _cursor(cursor: str, prefix: str) -> str:
    if cursor and not is_id(cursor, prefix):
        raise BadRequest("this is not a cursor of ours", code="cursor_invalid")
    return cursor


@get("/v1/vouchers", tags=TAGS, summary="Vouchers", operation_id="listVouchers")
async def vouchers(principal: Principal, house: House, cursor: Cursor = "", limit: Limit = 25) -> VoucherPage:
    """Newest first, with their rules and how often they were used. For operators."""
    require(principal, "operator")
    return await house.port(Port).vouchers(cursor=_cursor(cursor, "vou"), limit=limit)


@post(
    "/v1/vouchers",
    opt={"service": "promotions"},
    tags=TAGS,
    summary="Make a voucher",
    operation_id="makeVoucher",
)
async def make_voucher(principal: Principal, house: House, data: VoucherDraft) -> Voucher:
    """Its codes are read from `/v1/vouchers/{voucher_id}/codes`. For operators, in person."""
    require(principal, "operator")
    return await house.port(Port).make_voucher(
        key=new_id("key"), name=data.name, rules=data.rules, codes=data.codes, operator_id=principal.subject
    )


@get(
    "/v1/vouchers/{voucher_id:str}/codes",
    tags=TAGS,
    summary="A voucher's codes",
    operation_id="listVoucherCodes",
)
async def voucher_codes(principal: Principal, house: House, voucher_id: str) -> list[str]:
    """In the order of their numbers. For operators, in person."""
    require(principal, "operator")
    return await house.port(Port).codes_of(voucher_id=voucher_id)


@post(
    "/v1/vouchers/{voucher_id:str}/revocation",
    opt={"service": "promotions"},
    status_code=200,
    tags=TAGS,
    summary="Revoke a voucher",
    operation_id="revokeVoucher",
)
async def revoke_voucher(principal: Principal, house: House, voucher_id: str) -> Voucher:
    """From now on its codes are invalid. For operators, in person."""
    require(principal, "operator")
    return await house.port(Port).revoke_voucher(voucher_id=voucher_id, operator_id=principal.subject)


HANDLERS = [vouchers, make_voucher, voucher_codes, revoke_voucher]
