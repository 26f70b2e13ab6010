"""What goes over the wire: requests, answers, events and the refusals between them."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

Status = Literal[
    "requires_method", "requires_action", "authorised", "captured", "disputed", "voided", "failed", "expired"
]
Method = Literal[
    "card", "alipay", "wechat_pay", "unionpay", "paypal", "apple_pay", "google_pay", "ideal", "klarna", "konbini",
    "kakaopay", "pix", "mada",
]  # fmt: skip
METHODS: tuple[Method, ...] = ("card", "alipay", "wechat_pay", "unionpay")
"""What an intent that names no methods of its own may be paid with."""
CARDS: tuple[Method, ...] = ("card", "mada")
SLIPS: tuple[Method, ...] = ("konbini", "pix")
"""The payer leaves with a code and pays elsewhere, later."""
ELSEWHERE: tuple[Method, ...] = (
    "alipay", "wechat_pay", "unionpay", "apple_pay", "google_pay", "paypal", "kakaopay", "ideal", "klarna", *SLIPS,
)  # fmt: skip
"""Those with a page of their own, in the order in which they are listed."""
OPERATIONS = Literal["create", "authorise", "capture", "void", "refund", "get"]

Minor = Annotated[int, Meta(ge=1, le=10**12)]
Reference = Annotated[str, Meta(min_length=1, max_length=200)]
Url = Annotated[str, Meta(max_length=2000, pattern=r"^https?://[!-~]+$")]
Count = Annotated[int, Meta(ge=0, le=10_000)]
Milliseconds = Annotated[int, Meta(ge=0, le=600_000)]


class Refusal(Exception):
    """An answer that is not a success; nothing has changed."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status_code, self.code, self.message = status, code, message

    def body(self) -> bytes:
        return msgspec.json.encode({"code": self.code, "message": self.message})


class CreateIntent(Struct, kw_only=True, frozen=True):
    amount: Minor
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
    reference: Reference
    return_url: Url
    webhook_url: Url | None = None
    description: Annotated[str, Meta(max_length=500)] = ""
    locale: Annotated[str, Meta(max_length=35)] = "en"
    capture: Literal["manual", "automatic"] = "manual"
    methods: Annotated[list[Method], Meta(min_length=1)] | None = None
    expires_in: Annotated[int, Meta(ge=1, le=7 * 86_400)] = 3_600


class CaptureIntent(Struct, kw_only=True, frozen=True):
    """Without `final` the rest stays authorised; a `reference` names this part of the capture."""

    amount: Minor | None = None
    final: bool = True
    reference: Annotated[str, Meta(max_length=200)] = ""


class DisputeIntent(Struct, kw_only=True, frozen=True):
    amount: Minor | None = None
    reason: Annotated[str, Meta(max_length=200)] = "fraudulent"


class CloseDispute(Struct, kw_only=True, frozen=True):
    won: bool


class RefundIntent(Struct, kw_only=True, frozen=True):
    amount: Minor
    reference: Reference


class CardInput(Struct, kw_only=True, frozen=True):
    number: str
    expiry: str = "12/34"
    cvc: str | None = None


class AuthoriseIntent(Struct, kw_only=True, frozen=True):
    card: str | CardInput


class AnswerChallenge(Struct, kw_only=True, frozen=True):
    code: str


class PaidWith(Struct, kw_only=True, frozen=True):
    type: Method
    brand: str | None = None
    last4: str | None = None


class Part(Struct, kw_only=True, frozen=True):
    """A refund, or a part of a capture that was given a reference of its own."""

    id: str
    amount: int
    reference: str
    created: int


class Dispute(Struct, kw_only=True, frozen=True):
    """The payer's bank wants `amount` back; `state` is open, won (by the merchant) or lost."""

    id: str
    amount: int
    reason: str
    state: Literal["open", "won", "lost"]
    created: int


class Parts(Struct, kw_only=True, frozen=True):
    captures: list[Part] = []
    refunds: list[Part] = []
    disputes: list[Dispute] = []


class Line(Struct, kw_only=True, frozen=True):
    """One movement in the statement of a day; `object` is the capture's, refund's or dispute's id, and
    `object_reference` what the merchant called it. Money to the merchant is positive, `fee` is kept back."""

    type: Literal["capture", "refund", "dispute", "dispute_won", "dispute_lost"]
    object: str
    object_reference: str
    intent: str
    reference: str
    amount: int
    fee: int
    currency: str
    created: float


class Statement(Struct, kw_only=True, frozen=True):
    """A page of a day (UTC). `final` once the day is over; `next` is the offset of the page after."""

    date: str
    final: bool
    lines: list[Line]
    next: int | None


class IntentAnswer(Struct, kw_only=True, frozen=True):
    id: str
    status: Status
    amount: int
    amount_captured: int
    amount_refunded: int
    currency: str
    reference: str
    hosted_url: str
    failure_code: str | None
    created: int
    capture: str
    method: PaidWith | None
    expires_at: int
    refund: Part | msgspec.UnsetType = msgspec.UNSET
    captures: list[Part] | msgspec.UnsetType = msgspec.UNSET
    refunds: list[Part] | msgspec.UnsetType = msgspec.UNSET
    disputes: list[Dispute] | msgspec.UnsetType = msgspec.UNSET


class Event(Struct, kw_only=True, frozen=True):
    id: str
    type: str
    created: int
    data: IntentAnswer


class Answer(Struct, frozen=True):
    """A stored or fresh HTTP answer: status and JSON body."""

    status: int
    body: bytes


class WebhookFaults(Struct, kw_only=True):
    """How events go wrong: `lose` and `duplicate` count events down, the others hold until cleared."""

    lose: Count = 0
    delay_ms: Milliseconds = 0
    duplicate: Count = 0
    reorder: bool = False
    forge: bool = False


class ApiFault(Struct, kw_only=True):
    """How the next `count` calls of an operation go wrong; a time-out holds the answer for `hold_ms`."""

    operation: OPERATIONS
    mode: Literal["timeout_before", "timeout_after", "error_500"]
    count: Count = 1
    hold_ms: Milliseconds = 30_000


class FaultOrder(Struct, kw_only=True, frozen=True):
    webhook: WebhookFaults | None = None
    api: ApiFault | None = None


def decode(body: bytes, shape: type[Any]) -> Any:
    """Parses a JSON body into `shape`; an empty body is an empty object. Raises Refusal 400 or 422."""
    try:
        return msgspec.json.decode(body or b"{}", type=shape)
    except msgspec.ValidationError as error:
        raise Refusal(422, "invalid_request", str(error)) from error
    except msgspec.DecodeError as error:
        raise Refusal(400, "malformed_json", str(error)) from error
