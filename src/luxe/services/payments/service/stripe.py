"""The adapter to Stripe, on its official SDK: a Checkout Session is the page, its PaymentIntent the payment.

It carries what Stripe can authorise first and capture later: cards with their wallets, PayPal, Klarna. Everything is found by
the session's id; the one that was opened when an answer got lost is opened again by its idempotency key, which Stripe answers
with the same session (docs.stripe.com/api/idempotent_requests).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, TypeVar

import httpx
import msgspec
import stripe
from msgspec.structs import replace

from luxe.kernel import errors
from luxe.kernel.money import Money
from luxe.kernel.telemetry import span
from luxe.services.payments.contract import Intent, IntentState, MethodKind
from luxe.services.payments.domain.life import DisputeNews, Line, Movement, Standing, Told
from luxe.services.payments.service.provider import Heard, Order, Provider, ProviderRefused, WrongState

SECONDS = 8.0
TOLERANCE_SECONDS = 300
PAGE = 100
SESSION_LASTS = timedelta(hours=1)

TYPES = {
    "card": "card",
    "apple_pay": "card",
    "google_pay": "card",
    "unionpay": "card",
    "paypal": "paypal",
    "klarna": "klarna",
}
CURRENCIES = {"paypal": frozenset({"EUR", "USD", "GBP"}), "klarna": frozenset({"EUR", "USD", "GBP"})}

_STATES: dict[str, IntentState] = {
    "requires_payment_method": "requires_method",
    "requires_confirmation": "requires_method",
    "requires_action": "requires_action",
    "processing": "requires_action",
    "requires_capture": "authorised",
    "succeeded": "captured",
    "canceled": "voided",
}
_LINES = {"charge": "capture", "payment": "capture", "refund": "refund", "payment_refund": "refund"}
_DISPUTES = {"dispute": "dispute", "dispute_reversal": "dispute_won"}

T = TypeVar("T")


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`url` is the API's base, for a stand-in of Stripe."""

    key: str
    webhook_secret: str
    url: str = "https://api.stripe.com"


class Stripe:
    name: ClassVar[str] = "stripe"

    def __init__(self, config: Config) -> None:
        self._secret = config.webhook_secret
        self._client = stripe.StripeClient(
            config.key,
            base_addresses={"api": config.url},
            http_client=stripe.HTTPXClient(timeout=SECONDS),
            max_network_retries=0,
        )
        self._api = self._client.v1

    def carries(self, method: str, currency: str) -> MethodKind | None:
        if not method:
            return "redirect"
        limits = CURRENCIES.get(method)
        return "redirect" if method in TYPES and (limits is None or currency in limits) else None

    async def create(self, order: Order) -> Standing:
        intent = order.intent
        named = {"intent": intent.id}
        wanted: dict[str, Any] = {
            "mode": "payment",
            "client_reference_id": intent.id,
            "metadata": named,
            "payment_intent_data": {"capture_method": "manual", "metadata": named},
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": intent.amount.currency.lower(),
                        "unit_amount": intent.amount.minor,
                        "product_data": {"name": order.description[:250] or intent.id},
                    },
                }
            ],
            "payment_method_types": sorted({TYPES[each] for each in order.methods if each in TYPES})
            or ["card"],
            "success_url": order.return_url,
            "cancel_url": order.return_url,
            "locale": _locale(order.locale),
            "expires_at": int((intent.created_at + SESSION_LASTS).timestamp()),
        }
        session = await self._call(
            "create",
            self._api.checkout.sessions.create_async(wanted, _key(intent.id, "create")),  # pyright: ignore[reportArgumentType]
        )
        return await self._standing(intent, session)

    async def find(self, intent: Intent) -> Standing | None:
        return await self._standing(intent, await self._session(intent)) if intent.psp_id else None

    async def capture(self, intent: Intent, part: Movement | None = None) -> Standing:
        payment = await self._payment(intent, "requires_capture", "succeeded")
        if part is None:
            asked, owner = {}, intent.id
        else:
            named = {"movement": part.id}
            asked = {"amount_to_capture": part.amount.minor, "final_capture": False, "metadata": named}
            owner = part.id
        await self._call(
            "capture",
            self._api.payment_intents.capture_async(payment, asked, _key(owner, "capture")),  # pyright: ignore[reportArgumentType]
        )
        standing = await self._found(intent)
        if part is None:
            return standing
        told = Told(
            kind="capture", psp_id=part.id, reference=part.id, amount=part.amount.minor, state="succeeded"
        )
        return replace(standing, told=(*standing.told, told))

    async def void(self, intent: Intent) -> Standing:
        session = await self._session(intent)
        if session.get("status") == "open":
            await self._call(
                "void",
                self._api.checkout.sessions.expire_async(session["id"], None, _key(intent.id, "expire")),
            )
        elif session.get("payment_intent") and session["payment_intent"]["status"] != "canceled":
            await self._call(
                "void",
                self._api.payment_intents.cancel_async(
                    session["payment_intent"]["id"], None, _key(intent.id, "void")
                ),
            )
        standing = await self._found(intent)
        return replace(standing, state="voided") if standing.state == "expired" else standing

    async def refund(self, intent: Intent, part: Movement) -> Standing:
        asked = {
            "payment_intent": await self._payment(intent, "succeeded", "requires_capture"),
            "amount": part.amount.minor,
            "metadata": {"intent": intent.id, "movement": part.id},
        }
        await self._call("refund", self._api.refunds.create_async(asked, _key(part.id, "refund")))  # pyright: ignore[reportArgumentType]
        return await self._found(intent)

    async def statement(self, day: date) -> AsyncIterator[list[Line]]:
        start = int(datetime.combine(day, datetime.min.time(), UTC).timestamp())
        asked: dict[str, Any] = {
            "created": {"gte": start, "lt": start + 86_400},
            "expand": ["data.source"],
            "limit": PAGE,
        }
        more = True
        while more:
            page = await self._call("statement", self._api.balance_transactions.list_async(asked))  # pyright: ignore[reportArgumentType]
            found = [line for each in page["data"] if (line := line_of(each)) is not None]
            yield found
            more = bool(page.get("has_more"))
            if more:
                asked["starting_after"] = page["data"][-1]["id"]

    async def read_event(self, body: str, signature: str, now: datetime) -> Heard:
        self._check(body, signature, now)
        try:
            event = msgspec.json.decode(body, type=dict[str, Any])
            told, kind, identity = event["data"]["object"], str(event["type"]), str(event["id"])
            reference = (told.get("metadata") or {}).get("intent") or told.get("client_reference_id") or ""
            payment = told.get("payment_intent") or ""
        except (msgspec.DecodeError, KeyError, TypeError, AttributeError) as error:
            raise errors.BadRequest(f"not an event: {error}", code="event_malformed") from error
        if not reference and payment:
            held = await self._call("find", self._api.payment_intents.retrieve_async(payment))
            reference = (held.get("metadata") or {}).get("intent", "")
        return Heard(id=identity, type=kind, reference=reference)

    def _check(self, body: str, signature: str, now: datetime) -> None:
        """The SDK checks the signature; its time is checked by the house's clock, in both directions."""
        try:
            stripe.WebhookSignature.verify_header(body, signature, self._secret)
            at = int(next(each[2:] for each in signature.split(",") if each.startswith("t=")))
        except (stripe.SignatureVerificationError, StopIteration, ValueError) as error:
            raise errors.Forbidden(
                "this does not bear Stripe's signature", code="signature_invalid"
            ) from error
        if abs(now.timestamp() - at) > TOLERANCE_SECONDS:
            raise errors.Forbidden("this was signed at another time", code="signature_invalid")

    async def _session(self, intent: Intent) -> dict[str, Any]:
        asked = {"expand": ["payment_intent.latest_charge"]}
        return await self._call(
            "find",
            self._api.checkout.sessions.retrieve_async(intent.psp_id, asked),  # pyright: ignore[reportArgumentType]
        )

    async def _payment(self, intent: Intent, *states: str) -> str:
        """The PaymentIntent's id; there is none before the payer has tried to pay."""
        payment = (await self._session(intent)).get("payment_intent")
        if not payment or payment["status"] not in states:
            raise WrongState("not_paid", "nobody has paid here, or it was let go")
        return str(payment["id"])

    async def _found(self, intent: Intent) -> Standing:
        return await self._standing(intent, await self._session(intent))

    async def _standing(self, intent: Intent, session: dict[str, Any]) -> Standing:
        payment = session.get("payment_intent")
        open_one = Standing(
            psp_id=session["id"],
            reference=session["client_reference_id"],
            state="expired" if session.get("status") == "expired" else "requires_method",
            amount=Money(session["amount_total"], session["currency"].upper()),
            captured=0,
            refunded=0,
            hosted_url=session.get("url") or "",
            provider=self.name,
        )
        if not isinstance(payment, dict):
            return open_one
        state = _STATES[payment["status"]]
        if session.get("status") == "expired" and state in ("requires_method", "requires_action"):
            state = "expired"
        charge = payment.get("latest_charge") or {}
        paid = replace(
            open_one,
            state=state,
            captured=payment.get("amount_received") or 0,
            failure=(payment.get("last_payment_error") or {}).get("code", ""),
            method=_method(charge),
        )
        return await self._with_parts(paid, payment["id"], charge) if paid.captured else paid

    async def _with_parts(self, standing: Standing, payment: str, charge: dict[str, Any]) -> Standing:
        refunds = await self._call(
            "find", self._api.refunds.list_async({"payment_intent": payment, "limit": PAGE})
        )
        told = tuple(
            Told(
                kind="refund",
                psp_id=each["id"],
                reference=(each.get("metadata") or {}).get("movement", ""),
                amount=each["amount"],
                state="succeeded",
            )
            for each in reversed(refunds["data"])
            if each["status"] == "succeeded"
        )
        news: tuple[DisputeNews, ...] = ()
        if charge.get("disputed"):
            asked = {"payment_intent": payment, "limit": PAGE}
            found = await self._call("find", self._api.disputes.list_async(asked))  # pyright: ignore[reportArgumentType]
            news = tuple(each for dispute in reversed(found["data"]) for each in news_of(dispute))
        against = {each.dispute_id for each in news} - {
            each.dispute_id for each in news if each.outcome == "won"
        }
        return replace(
            standing,
            state="disputed" if against and standing.state == "captured" else standing.state,
            refunded=sum(each.amount for each in told),
            told=told,
            disputes=news,
        )

    async def _call(self, operation: str, asking: Awaitable[T]) -> dict[str, Any]:
        """Stripe's answer as plain JSON; its errors as ours."""
        try:
            with span(f"stripe.{operation}"):
                answer: Any = await asking
        except stripe.APIConnectionError as error:
            if isinstance(error.__cause__, httpx.ConnectError):
                raise errors.Unavailable("the payment provider does not answer") from error
            raise errors.DeadlineExceeded("the payment provider gave no answer in time") from error
        except stripe.StripeError as error:
            raise _refusal(error) from error
        return answer.to_dict()


def adapter(_: httpx.AsyncClient, config: dict[str, str]) -> Provider:
    return Stripe(msgspec.convert(config, Config))


def _refusal(error: stripe.StripeError) -> Exception:
    """What happened is unknown where Stripe stumbled or still works on the first call of this key."""
    status = error.http_status or 0
    if status >= 500 or status in (409, 429):
        return errors.DeadlineExceeded(f"the payment provider answered {status}")
    code = error.code or f"http_{status}"
    if isinstance(error, stripe.InvalidRequestError) and status in (400, 404):
        return WrongState(code, error.user_message or "")
    return ProviderRefused(code, error.user_message or "")


def line_of(moved: dict[str, Any]) -> Line | None:
    """A balance transaction with its source expanded; None for what moves no payer's money (fees, payouts)."""
    kind = _LINES.get(moved["type"]) or _DISPUTES.get(moved.get("reporting_category", ""))
    if kind is None:
        return None
    source = moved["source"] or {}
    named = source.get("metadata") or {}
    currency = moved["currency"].upper()
    return Line(
        id=source["id"] if kind != "capture" else moved["id"],
        kind=kind,  # pyright: ignore[reportArgumentType]
        reference=named.get("intent", ""),
        movement=named.get("movement", "") if kind == "refund" else "",
        psp_intent=str(source.get("payment_intent") or ""),
        amount=Money(abs(moved["amount"]), currency),
        fee=Money(moved["fee"], currency),
        at=datetime.fromtimestamp(moved["created"], UTC),
    )


def news_of(dispute: dict[str, Any]) -> list[DisputeNews]:
    opened = DisputeNews(
        dispute_id=dispute["id"],
        outcome="opened",
        amount=dispute["amount"],
        opened_at=datetime.fromtimestamp(dispute["created"], UTC),
    )
    over = {"won": "won", "warning_closed": "won", "lost": "lost"}.get(dispute["status"])
    return [opened] if over is None else [opened, replace(opened, outcome=over)]


def _key(owner: str, operation: str) -> Any:
    return {"idempotency_key": f"{owner}:{operation}"}


def _locale(tag: str) -> Any:
    """What Stripe's page speaks of ours; it looks at the browser for the rest."""
    return {"zh-CN": "zh", "zh-TW": "zh-TW", "ar": "auto"}.get(tag, tag)


def _method(charge: dict[str, Any]) -> str:
    details = charge.get("payment_method_details") or {}
    card = details.get("card")
    if card:
        return f"{card['brand']} {card['last4']}"
    return details.get("type", "") or ("card" if charge else "")
