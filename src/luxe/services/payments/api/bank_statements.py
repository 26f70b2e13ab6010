"""REST of banks' statements, for operators: read one, look at what it would do, apply it; and take a match back."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import Parameter

from luxe.kernel import errors
from luxe.kernel.auth import Principal, require
from luxe.kernel.house import House
from luxe.kernel.ids import is_id
from luxe.services.payments.api.transfers import in_person
from luxe.services.payments.contract import LONGEST_STATEMENT, BankStatement, IncomingTransfer, Port

_LONGEST = (LONGEST_STATEMENT + 2) // 3 * 4


class StatementFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`content` is the file, CSV or camt.053, in base 64."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    content: Annotated[str, msgspec.Meta(min_length=1, max_length=_LONGEST)]


class MatchTakenBack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it is taken back."""

    note: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class BankStatementPage(msgspec.Struct, frozen=True, kw_only=True):
    """Without their entries. `next` is the cursor of the page after this one."""

    items: list[BankStatement]
    next: str | None


@get(
    "/v1/bank-statements",
    tags=["Payments"],
    summary="Statements that were read",
    operation_id="listBankStatements",
)
async def list_statements(
    principal: Principal,
    house: House,
    cursor: Annotated[str, Parameter(max_length=64)] = "",
    limit: Annotated[int, Parameter(ge=1, le=100)] = 25,
) -> BankStatementPage:
    """Newest first. For operators."""
    require(principal, "operator", "payments:read")
    if cursor and not is_id(cursor, "bst"):
        raise errors.BadRequest("this is not a cursor of ours", code="cursor_invalid")
    found = await house.port(Port).bank_statements(cursor=cursor, limit=limit + 1)
    return BankStatementPage(items=found[:limit], next=found[limit - 1].id if len(found) > limit else None)


@post(
    "/v1/bank-statements",
    opt={"service": "payments"},
    tags=["Payments"],
    summary="Read a bank's statement",
    operation_id="readBankStatement",
)
async def read_statement(principal: Principal, house: House, data: StatementFile) -> BankStatement:
    """Says for each entry what applying it would do; nothing moves. The same content is the same statement. What cannot be read
    is named by row and column, and nothing is kept of it. For operators, in person."""
    in_person(principal)
    try:
        content = base64.b64decode(data.content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise errors.BadRequest("the content is not base 64", code="content_invalid") from error
    return await house.port(Port).read_statement(name=data.name, content=content)


@get(
    "/v1/bank-statements/{statement_id:str}",
    tags=["Payments"],
    summary="One bank's statement",
    operation_id="getBankStatement",
)
async def get_statement(principal: Principal, house: House, statement_id: str) -> BankStatement:
    """What applying it would do now, or has done. For operators."""
    require(principal, "operator", "payments:read")
    return await house.port(Port).bank_statement(statement_id=statement_id)


@post(
    "/v1/bank-statements/{statement_id:str}/apply",
    opt={"service": "payments"},
    status_code=200,
    tags=["Payments"],
    summary="Apply a bank's statement",
    operation_id="applyBankStatement",
)
async def apply_statement(principal: Principal, house: House, statement_id: str) -> BankStatement:
    """Enters what is not known, and pays what names a payment that waits for exactly this; all else is left open, with a case.
    Once. For operators, in person."""
    in_person(principal)
    return await house.port(Port).apply_statement(statement_id=statement_id)


@post(
    "/v1/bank-transfers/{transfer_id:str}/unmatch",
    opt={"service": "payments"},
    status_code=200,
    tags=["Payments"],
    summary="Take back what a transfer pays for",
    operation_id="unmatchBankTransfer",
)
async def unmatch_transfer(
    principal: Principal, house: House, transfer_id: str, data: MatchTakenBack
) -> IncomingTransfer:
    """While nothing has come of it: the payment still waits, is over, or is paid without it. For operators, in person."""
    in_person(principal)
    return await house.port(Port).unmatch_transfer(transfer_id=transfer_id, note=data.note)


handlers = [list_statements, read_statement, get_statement, apply_statement, unmatch_transfer]
