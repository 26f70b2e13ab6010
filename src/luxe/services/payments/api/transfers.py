"""REST of bank transfers, for operators: what has come in, what it pays for, and what has to be sent back."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.params import Parameter

from luxe.kernel import errors
from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.kernel.ids import is_id
from luxe.kernel.money import Money
from luxe.services.payments.contract import IncomingTransfer, Port, Refund

Entry = Annotated[str, msgspec.Meta(min_length=1, max_length=140)]


class NewTransfer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`entry` is the bank's own id of it, `text` what the payer wrote."""

    entry: Entry
    amount: Money
    text: Annotated[str, msgspec.Meta(max_length=500)]
    received_on: date


class TransferMatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The payment that a transfer is for."""

    intent_id: Annotated[str, msgspec.Meta(max_length=64)]


class RefundSent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`entry` is the bank's own id of the transfer that went out."""

    entry: Entry


class IncomingTransferPage(msgspec.Struct, frozen=True, kw_only=True):
    """`next` is the cursor of the page after this one."""

    items: list[IncomingTransfer]
    next: str | None


class RefundList(msgspec.Struct, frozen=True, kw_only=True):
    """The oldest first."""

    items: list[Refund]


@get(
    "/v1/bank-transfers",
    tags=["Payments"],
    summary="What came into the house's account",
    operation_id="listBankTransfers",
)
async def list_transfers(
    principal: Principal,
    house: House,
    in_state: Annotated[
        Literal["", "open", "matched"], Parameter(query="state", description="All if absent")
    ] = "",
    cursor: Annotated[str, Parameter(max_length=64)] = "",
    limit: Annotated[int, Parameter(ge=1, le=100)] = 25,
) -> IncomingTransferPage:
    """Newest first; `suggested` is the payment whose reference an open one bears. For operators."""
    require(principal, "operator", "payments:read")
    if cursor and not is_id(cursor, "bkt"):
        raise errors.BadRequest("this is not a cursor of ours", code="cursor_invalid")
    found = await house.port(Port).transfers(state=in_state, cursor=cursor, limit=limit + 1)
    return IncomingTransferPage(items=found[:limit], next=found[limit - 1].id if len(found) > limit else None)


@post(
    "/v1/bank-transfers",
    opt={"service": "payments"},
    tags=["Payments"],
    summary="Enter a transfer that came in",
    operation_id="enterBankTransfer",
)
async def enter_transfer(principal: Principal, house: House, data: NewTransfer) -> IncomingTransfer:
    """Once for each `entry` of the bank. For operators, in person."""
    in_person(principal)
    return await house.port(Port).enter_transfer(
        entry=data.entry, amount=data.amount, text=data.text, received_on=data.received_on
    )


@post(
    "/v1/bank-transfers/{transfer_id:str}/match",
    opt={"service": "payments"},
    status_code=200,
    tags=["Payments"],
    summary="Say what a transfer pays for",
    operation_id="matchBankTransfer",
)
async def match_transfer(
    principal: Principal, house: House, transfer_id: str, data: TransferMatch
) -> IncomingTransfer:
    """Once and for all. Enough money pays the payment; too little, too much or too late is a case. For operators, in person."""
    in_person(principal)
    return await house.port(Port).match_transfer(transfer_id=transfer_id, intent_id=data.intent_id)


@get(
    "/v1/bank-refunds",
    tags=["Payments"],
    summary="Refunds to be sent by bank transfer",
    operation_id="listBankRefunds",
)
async def list_refunds(principal: Principal, house: House) -> RefundList:
    """For operators."""
    require(principal, "operator", "payments:read")
    return RefundList(items=await house.port(Port).refunds_to_send())


@post(
    "/v1/bank-refunds/{refund_id:str}/sent",
    opt={"service": "payments"},
    status_code=200,
    tags=["Payments"],
    summary="Say that a refund was sent",
    operation_id="sendBankRefund",
)
async def sent_back(principal: Principal, house: House, refund_id: str, data: RefundSent) -> Refund:
    """For operators, in person."""
    in_person(principal)
    return await house.port(Port).sent_back(refund_id=refund_id, entry=data.entry)


def in_person(principal: Principal) -> None:
    require(principal, "operator")
    if principal.kind != "session":
        raise errors.Forbidden("this needs a person, not an API key")


handlers = [list_transfers, enter_transfer, match_transfer, list_refunds, sent_back]
