"""What the OpenAPI document says beyond the handlers' own signatures: who may call what, tags, answers, headers.

`tests/rest` holds every line of it against the running interface.
"""

from __future__ import annotations

from typing import Any

import msgspec

PROBLEM = "application/problem+json"

INTRODUCTION = """Everything that members, integrators and operators do in the interface, by machine.

**Who is asking.** A session token or an API key, as a bearer. A key may what its account may and its scopes name; \
`x-access` of each operation says which role and which scope, or that a person must be signed in. Nobody gets an answer \
other than 401.

**Refusals** are problem documents (RFC 9457) with a stable `code`. On a refusal nothing has changed.

**Unsafe calls** carry an `Idempotency-Key`. The same key again answers what the first call answered, with \
`Idempotency-Replayed: true`, and has no second effect; it is refused with 422 for another request, and with 409 while the \
first is running. A refused call leaves its key free.

**Listings** come in pages. `next` is the `cursor` of the page after; on the last page it is null. A cursor is opaque.

**Reads** carry an `ETag`; `If-None-Match` answers 304 while nothing has changed.

**Limits.** Each caller has a sliding window of a minute, told in `RateLimit-*`; beyond it 429 says when to `Retry-After`."""

TAGS = {
    "Account": "The person who is signed in, their sessions, passkeys and consents. Not for API keys.",
    "API keys": "Keys for machines. A key is made by a person, and cannot make another.",
    "Membership": "Invitations, applications, the plan and the card.",
    "Join": "Paying the annual fee, as a run that can be watched.",
    "Catalogue": "Houses, categories and pieces on sale, with price and stock.",
    "Search": "One query over all pieces, with facets, and suggestions.",
    "Inventory": "Units in the house: where they are, what comes, what moves. For operators.",
    "Bag": "What a member is about to buy.",
    "Wishes": "What a member would like.",
    "Addresses": "A member's address book.",
    "Checkout": "Buying, as a run that can be watched: hold, pay, place, capture.",
    "Orders": "What a member has bought, its way to them, and what goes back of it.",
    "Returns": "What a member has bought and wants to give back: asked for, decided, inspected, refunded.",
    "Shipments": "How a member's orders come to them, and when an appointment can be made.",
    "Fulfilment": "Packing and sending, appointments, and the tables of delivery and taxes. For operators.",
    "Payments": "What a member has paid; for operators, where the provider's statements differ.",
    "Points": "What a member has earned and spent.",
    "Promotions": "Vouchers: their rules, codes and uses. Gift cards and what is on them.",
    "Webhooks": "Signed events for machines, their log, and sending again.",
    "Audit": "Who did what. For auditors.",
}


class Access(msgspec.Struct, frozen=True):
    """Who may: one of `roles` (anybody with an account if there are none), with `scope` if by an API key.

    `in_person`: no API key may, whatever its scopes.
    """

    roles: tuple[str, ...] = ()
    scope: str = ""
    in_person: bool = False

    def described(self) -> str:
        who = (
            f"the role {' or '.join(f'`{role}`' for role in self.roles)}"
            if self.roles
            else "a signed-in account"
        )
        if self.in_person:
            return f"Needs {who}, in person: not an API key."
        return f"Needs {who}; an API key also the scope `{self.scope}`."


_PERSON = Access(in_person=True)
_OWN = Access(scope="members:read")
_OFFICE_READS = Access(("operator",), "members:read")
_OFFICE_ACTS = Access(("operator",), in_person=True)
_WEBHOOKS = Access(("member", "operator", "integrator"), "webhooks:write")


def _member(scope: str) -> Access:
    return Access(("member",), scope)


ACCESS: dict[str, Access] = {
    **dict.fromkeys(("getBag", "listWishes", "listWaits"), _member("bag:read")),
    **dict.fromkeys(
        ("addBagLine", "putBagLine", "deleteBagLine", "putWish", "deleteWish", "putWait", "deleteWait"),
        _member("bag:write"),
    ),
    **dict.fromkeys(
        ("listBrands", "listProducts", "readProduct", "listCategories", "search", "suggest"),
        _member("catalog:read"),
    ),
    **dict.fromkeys(("listConsents", "recordConsent"), _PERSON),
    "listAudit": Access(("auditor",), "members:read"),
    **dict.fromkeys(
        ("me", "changeMe", "listSessions", "endSessions", "endSession", "listPasskeys", "addPasskey"), _PERSON
    ),
    **dict.fromkeys(("beginPasskey", "removePasskey", "listApiKeys", "makeApiKey", "revokeApiKey"), _PERSON),
    **dict.fromkeys(
        ("getAvailability", "getStock", "listUnits", "listMovements", "listLocations", "listTransfers"),
        Access(("operator",), "inventory:read"),
    ),
    **dict.fromkeys(
        (
            "receiveUnits",
            "expectUnits",
            "arriveUnits",
            "adjustUnits",
            "countUnits",
            "setLowStock",
            "putLocation",
        ),
        Access(("operator",), "inventory:write"),
    ),
    **dict.fromkeys(
        ("sendUnits", "receiveTransfer", "cancelTransfer"), Access(("operator",), "inventory:write")
    ),
    **dict.fromkeys(("getPoints", "listPointsStatement"), _member("points:read")),
    **dict.fromkeys(
        ("getPointsTrialBalance", "listPointsRecounts", "getPointsOfAccount", "listPointsStatementOfAccount"),
        Access(("operator",), "points:read"),
    ),
    **dict.fromkeys(("listVouchers", "makeVoucher", "listVoucherCodes", "revokeVoucher"), _OFFICE_ACTS),
    **dict.fromkeys(("listGiftCards", "issueGiftCard", "getGiftCardCode", "revokeGiftCard"), _OFFICE_ACTS),
    **dict.fromkeys(("listTierGifts", "makeTierGift", "endTierGift"), _OFFICE_ACTS),
    **dict.fromkeys(("lookUpGiftCard", "listOwnGiftCards"), Access(("member",), in_person=True)),
    "listPointsAdjustments": Access(("operator",), "points:read"),
    "adjustPoints": _OFFICE_ACTS,
    "decidePointsAdjustment": Access(("operator", "approver"), in_person=True),
    **dict.fromkeys(("getMembership", "getPlan", "getApplication"), _OWN),
    **dict.fromkeys(("apply", "startJoin", "getJoin"), _PERSON),
    **dict.fromkeys(("listApplications", "readApplication", "listInvitations"), _OFFICE_READS),
    **dict.fromkeys(("decideApplication", "invite", "revokeInvitation"), _OFFICE_ACTS),
    **dict.fromkeys(
        ("listWebhookEndpoints", "addWebhookEndpoint", "removeWebhookEndpoint", "listWebhookDeliveries"),
        _WEBHOOKS,
    ),
    "redeliverWebhook": _WEBHOOKS,
    **dict.fromkeys(("listOrders", "getOrder", "getCheckout"), _member("orders:read")),
    **dict.fromkeys(("quoteCheckout", "startCheckout", "abandonCheckout"), _member("orders:write")),
    **dict.fromkeys(
        ("listBills", "getBill", "getInvoice", "listOrderEdits", "listOrderNotes"),
        Access(("member", "operator"), "orders:read"),
    ),
    **dict.fromkeys(("changeOrderAddress", "addOrderNote"), Access(("member", "operator"), "orders:write")),
    **dict.fromkeys(("listOrderShipments", "getShipment", "listSlots"), _member("orders:read")),
    **dict.fromkeys(
        ("listShipments", "getShipmentLabel", "getFulfilmentTable", "listCapacities", "listAppointments"),
        Access(("operator",), "orders:read"),
    ),
    **dict.fromkeys(
        (
            "packShipment",
            "bookShipment",
            "handShipmentOver",
            "moveShipment",
            "callShipmentOff",
            "putCapacity",
            "replaceFulfilmentTable",
        ),
        Access(("operator",), "orders:write"),
    ),
    "listOrderRefunds": _member("orders:read"),
    "getPackingSlip": Access(("operator",), "orders:read"),
    **dict.fromkeys(("shipOrder", "deliverOrder", "startRefund"), Access(("operator",), "orders:write")),
    **dict.fromkeys(("decideReturn", "inspectReturn"), Access(("operator",), "orders:write")),
    **dict.fromkeys(
        ("startReturn", "withdrawReturn", "startExchange", "payExchange", "refundExchange"),
        _member("orders:write"),
    ),
    **dict.fromkeys(
        ("getReturnRequest", "getReturnWindow", "getExchangeRequest", "listExchangeOptions"),
        _member("orders:read"),
    ),
    **dict.fromkeys(("listReturns", "getReturn"), Access(("member", "operator"), "orders:read")),
    "getRefund": Access(("operator",), "orders:read"),
    "startCancellation": Access(("member", "operator"), "orders:write"),
    "getCancellation": Access(("member", "operator"), "orders:read"),
    "startOrderEdit": Access(("member", "operator"), "orders:write"),
    "getOrderEdit": Access(("member", "operator"), "orders:read"),
    "listAddresses": _member("addresses:read"),
    **dict.fromkeys(("saveAddress", "forgetAddress"), _member("addresses:write")),
    **dict.fromkeys(("listPayments", "listPaymentMethods"), _member("payments:read")),
    **dict.fromkeys(("listPaymentCases", "readPaymentCase"), Access(("operator",), "payments:read")),
    "resolvePaymentCase": _OFFICE_ACTS,
    **dict.fromkeys(
        ("listBankTransfers", "listBankRefunds", "listBankStatements", "getBankStatement"),
        Access(("operator",), "payments:read"),
    ),
    **dict.fromkeys(
        (
            "enterBankTransfer",
            "matchBankTransfer",
            "unmatchBankTransfer",
            "sendBankRefund",
            "readBankStatement",
            "applyBankStatement",
        ),
        _OFFICE_ACTS,
    ),
}

ABSENT = frozenset(
    {
        "packShipment",
        "getMembership",
        "getApplication",
        "addBagLine",
        "sendUnits",
        "startCancellation",
        "startOrderEdit",
        "startReturn",
        "startExchange",
    }
)
"""Operations without an id in their address that can still answer 404."""

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `code` is stable; `detail` is for people; some codes add members of their own.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "pattern": "^[a-z0-9_]+$"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
    "examples": [
        {
            "type": "urn:luxe:variant_unknown",
            "title": "Variant unknown",
            "status": 404,
            "code": "variant_unknown",
            "detail": "there is no such piece on sale",
            "request_id": "req_01jd7q2x8zf3k9m4n5p6r7s801",
        }
    ],
}

REFUSALS: dict[int, tuple[str, str]] = {
    400: (
        "BadRequest",
        "A parameter or a header is missing or malformed, or a value is not one the house knows",
    ),
    401: ("Unauthenticated", "Nobody is signed in, or the token is no longer good"),
    403: ("Forbidden", "This account or key may not do this"),
    404: ("NotFound", "There is no such thing, or it is not yours"),
    409: ("Conflict", "Not in this state, or the first request with this key is still running"),
    413: ("TooLarge", "The body is larger than 1,000,000 bytes"),
    414: ("AddressTooLong", "The address is too long"),
    415: ("UnsupportedMediaType", "The body is not application/json"),
    422: (
        "PayloadInvalid",
        "The body is not of this shape, or the Idempotency-Key was used for another request",
    ),
    429: ("TooManyRequests", "Too many requests; `Retry-After` says when to come back"),
    503: ("Unavailable", "A part of the house does not answer; try again later"),
}
BEFORE_THE_COUNT = (403, 503)
"""These may be answered before a request is counted, and then tell no rate limit."""

EVERYWHERE = (400, 401, 403, 414, 429)
OF_UNSAFE = (409, 413, 415, 422)

IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Names this one effect, for the caller. A UUID will do.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "example": "0193a7c2-6f0e-7b51-9d3c-2f8e4b6a1c70",
}

_NUMBER = {"type": "integer", "minimum": 0}
HEADERS: dict[str, Any] = {
    "RateLimit-Limit": {"description": "Requests a minute", "required": True, "schema": _NUMBER},
    "RateLimit-Remaining": {"description": "How many are left", "required": True, "schema": _NUMBER},
    "RateLimit-Reset": {"description": "Seconds until the window moves", "required": True, "schema": _NUMBER},
    "ETag": {"description": "For If-None-Match", "required": True, "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds", "required": True, "schema": {"type": "integer", "minimum": 1}},
    "Idempotency-Replayed": {
        "description": "`true` if this is the answer to an earlier call with this key",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "WWW-Authenticate": {"description": "Bearer", "required": True, "schema": {"type": "string"}},
}
RATE_HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
