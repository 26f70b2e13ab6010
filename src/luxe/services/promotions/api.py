"""REST of promotions: vouchers, gift cards and gifts for tiers, for operators; members see what is on a gift card and
which they were given."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.params import Parameter

from luxe.kernel.auth import Principal, require
from luxe.kernel.errors import BadRequest
from luxe.kernel.house import House
from luxe.kernel.ids import is_id, new_id
from luxe.kernel.money import Money
from luxe.services.promotions.contract import (
    GiftCard,
    GiftCardPage,
    GivenGift,
    Port,
    TierGift,
    Voucher,
    VoucherPage,
    VoucherRules,
)

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
    """Newest first, with their rules and how often they were used. For operators, in person."""
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


class GiftCardDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is on the card, and why it is issued."""

    amount: Money
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class GiftCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gift card's code, however it is typed."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class GiftLookup(msgspec.Struct, frozen=True, kw_only=True):
    """`available` is null for a code that opens no card."""

    available: Money | None


@post(
    "/v1/gift-cards/lookup",
    opt={"service": "promotions"},
    status_code=200,
    tags=TAGS,
    summary="What is on a gift card",
    operation_id="lookUpGiftCard",
)
async def look_up(principal: Principal, house: House, data: GiftCode) -> GiftLookup:
    """After ten wrong codes in a quarter of an hour no code is looked at. For members, in person."""
    require(principal, "member")
    found = await house.port(Port).gift_card(account_id=principal.subject, code=data.code)
    return GiftLookup(available=found.available if found else None)


@get("/v1/gift-cards", tags=TAGS, summary="Gift cards", operation_id="listGiftCards")
async def gift_cards(
    principal: Principal, house: House, cursor: Cursor = "", limit: Limit = 25
) -> GiftCardPage:
    """Newest first, with what is on them. For operators, in person."""
    require(principal, "operator")
    return await house.port(Port).gift_cards(cursor=_cursor(cursor, "gft"), limit=limit)


@post(
    "/v1/gift-cards",
    opt={"service": "promotions"},
    tags=TAGS,
    summary="Issue a gift card",
    operation_id="issueGiftCard",
)
async def issue_gift_card(principal: Principal, house: House, data: GiftCardDraft) -> GiftCard:
    """Its code is read from `/v1/gift-cards/{card_id}/code`. For operators, in person."""
    require(principal, "operator")
    return await house.port(Port).issue_gift_card(
        key=new_id("key"), amount=data.amount, reason=data.reason, operator_id=principal.subject
    )


@get(
    "/v1/gift-cards/{card_id:str}/code",
    tags=TAGS,
    summary="A gift card's code",
    operation_id="getGiftCardCode",
)
async def gift_card_code(principal: Principal, house: House, card_id: str) -> GiftCode:
    """For operators, in person."""
    require(principal, "operator")
    return GiftCode(code=await house.port(Port).code_of_gift_card(card_id=card_id))


@post(
    "/v1/gift-cards/{card_id:str}/revocation",
    opt={"service": "promotions"},
    status_code=200,
    tags=TAGS,
    summary="Revoke a gift card",
    operation_id="revokeGiftCard",
)
async def revoke_gift_card(principal: Principal, house: House, card_id: str) -> GiftCard:
    """Nothing more is spent from it; what is on it stays in the books. For operators, in person."""
    require(principal, "operator")
    return await house.port(Port).revoke_gift_card(card_id=card_id, operator_id=principal.subject)


class TierGiftDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which tier, a name that members read, and one amount for each currency."""

    tier: Literal["silver", "gold", "black"]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    amounts: Annotated[list[Money], msgspec.Meta(min_length=1, max_length=20)]


@get("/v1/tier-gifts", tags=TAGS, summary="Gifts for reaching a tier", operation_id="listTierGifts")
async def tier_gifts(principal: Principal, house: House) -> list[TierGift]:
    """Newest first, with how many members have each. For operators, in person."""
    require(principal, "operator")
    return await house.port(Port).tier_gifts()


@post(
    "/v1/tier-gifts",
    opt={"service": "promotions"},
    tags=TAGS,
    summary="Make a gift for reaching a tier",
    operation_id="makeTierGift",
)
async def make_tier_gift(principal: Principal, house: House, data: TierGiftDraft) -> TierGift:
    """A gift card for every member who joins, renews or rises in the tier from now on, once for each. For operators, in
    person."""
    require(principal, "operator")
    return await house.port(Port).make_tier_gift(
        key=new_id("key"),
        tier=data.tier,
        name=data.name,
        amounts=data.amounts,
        operator_id=principal.subject,
    )


@post(
    "/v1/tier-gifts/{gift_id:str}/end",
    opt={"service": "promotions"},
    status_code=200,
    tags=TAGS,
    summary="End a gift for reaching a tier",
    operation_id="endTierGift",
)
async def end_tier_gift(principal: Principal, house: House, gift_id: str) -> TierGift:
    """Nobody is given it any more; what was given stays. For operators, in person."""
    require(principal, "operator")
    return await house.port(Port).end_tier_gift(gift_id=gift_id, operator_id=principal.subject)


@get(
    "/v1/me/gift-cards", tags=TAGS, summary="Gift cards that you were given", operation_id="listOwnGiftCards"
)
async def own_gift_cards(principal: Principal, house: House) -> list[GivenGift]:
    """Newest first, with their codes and what is left on them. For members, in person."""
    require(principal, "member")
    return await house.port(Port).gifts_given_to(account_id=principal.subject)


HANDLERS = [
    vouchers, make_voucher, voucher_codes, revoke_voucher, look_up, gift_cards, issue_gift_card, gift_card_code,
    revoke_gift_card, tier_gifts, make_tier_gift, end_tier_gift, own_gift_cards,
]  # fmt: skip
