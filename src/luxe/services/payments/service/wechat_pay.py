"""The adapter to WeChat Pay, API v3: orders by H5 or Native, queries, closing, refunds, bills and sealed notifications.

WeChat Pay takes the money at once (see `at_once`). The platform's certificates are fetched when one is met that is not known;
they come sealed under the API v3 key, which vouches for them.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, ClassVar, Literal
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from msgspec.structs import replace

from luxe.kernel import clock, errors
from luxe.kernel.money import Money
from luxe.kernel.telemetry import span
from luxe.services.payments.contract import Intent, IntentState, MethodKind
from luxe.services.payments.domain.life import Line, Movement, Standing
from luxe.services.payments.domain.verdicts import WAITING
from luxe.services.payments.service import at_once, rsa
from luxe.services.payments.service import wechat_signing as signing
from luxe.services.payments.service.provider import Heard, Order, Provider, ProviderRefused, WrongState

SECONDS = 8.0
TOLERANCE_SECONDS = 300
PAGE_LASTS = timedelta(minutes=15)
BEIJING = timezone(timedelta(hours=8))
BILL_READY = timedelta(days=1, hours=10)
CERTIFICATES = "/v3/certificates"
VOID = "-void"

PAGE_PATH = "/pay/wechat"
"""Of our page for the payer; the run follows."""
Trade = Literal["h5", "native"]
Way = Literal["scan", "leave"]

_ENDED = ("voided", "failed", "expired")
_STATES: dict[str, IntentState] = {
    "NOTPAY": "requires_method",
    "USERPAYING": "requires_action",
    "ACCEPT": "requires_action",
    "PAYERROR": "failed",
    "REVOKED": "voided",
}


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`serial` is the merchant certificate's, `private_key` PEM or the path of a file, `api_v3_key` 32 characters. With the
    `trade` `h5` payers are led to WeChat at once, which compares `client_ip` with theirs; with `native` our page draws a QR
    code; with `device` our page does what fits: a phone is led on, with its own address, and anything else shows the code."""

    mchid: str
    appid: str
    serial: str
    private_key: str
    api_v3_key: str
    url: str = "https://api.mch.weixin.qq.com"
    trade: Literal["h5", "native", "device"] = "h5"
    client_ip: str = "127.0.0.1"
    public_url: str = ""


class WechatPay:
    name: ClassVar[str] = "wechat_pay"

    def __init__(self, client: httpx.AsyncClient, config: Config) -> None:
        if len(config.api_v3_key.encode()) != 32:
            raise ValueError("the API v3 key has 32 bytes")
        self._client = client
        self._config = config
        self._key = config.api_v3_key.encode()
        self._private = rsa.private_key(config.private_key)
        self._platform: dict[str, RSAPublicKey] = {}
        self._fetching = asyncio.Lock()

    def carries(self, method: str, currency: str) -> MethodKind | None:
        return "redirect" if method == "wechat_pay" and currency == "CNY" else None

    async def create(self, order: Order) -> Standing:
        """Which trade it is for a `device` shows when its payer opens our page; until then WeChat knows nothing of it."""
        trade = self._config.trade
        page = f"{self._config.public_url.rstrip('/')}{PAGE_PATH}/{order.intent.run}"
        if trade != "device":
            address = await self._prepaid(order, trade, self._config.client_ip)
            page = address if trade == "h5" else page
        return replace(self._open(order.intent), hosted_url=page)

    async def way(self, order: Order, *, phone: bool, client_ip: str) -> tuple[Way, str]:
        """How this payer gets on: `scan` with what the code holds, or `leave` with an address. The same order has one trade
        there, so that who began at another device goes on in that device's way."""
        fits: Trade = "h5" if phone else "native"
        trade: Trade = fits if self._config.trade == "device" else self._config.trade
        try:
            address = await self._prepaid(order, trade, client_ip or self._config.client_ip)
        except ProviderRefused as refused:
            if refused.code != "INVALID_REQUEST":
                raise
            trade = "native" if trade == "h5" else "h5"
            address = await self._prepaid(order, trade, client_ip or self._config.client_ip)
        return ("scan" if trade == "native" else "leave"), address

    def pay_by(self, intent: Intent) -> datetime:
        """Until when WeChat takes the payment."""
        return intent.created_at + PAGE_LASTS

    async def _prepaid(self, order: Order, trade: Trade, client_ip: str) -> str:
        """What a QR code holds, or where a phone goes. Asked again, the same order has the same."""
        intent, config = order.intent, self._config
        wanted: dict[str, Any] = {
            "appid": config.appid,
            "mchid": config.mchid,
            "description": order.description[:127] or intent.id,
            "out_trade_no": intent.id,
            "time_expire": self.pay_by(intent).astimezone(BEIJING).isoformat(timespec="seconds"),
            "notify_url": order.webhook_url,
            "amount": {"total": intent.amount.minor, "currency": "CNY"},
        }
        if trade == "h5":
            wanted["scene_info"] = {"payer_client_ip": client_ip, "h5_info": {"type": "Wap"}}
        told = await self._call("create", "POST", f"/v3/pay/transactions/{trade}", wanted)
        if trade == "native":
            return told["code_url"]
        join = "&" if "?" in told["h5_url"] else "?"
        return f"{told['h5_url']}{join}{urlencode({'redirect_url': order.return_url})}"

    async def find(self, intent: Intent) -> Standing | None:
        """One that was opened while the answer got lost is opened again, which tells its page as well. Of one whose payer has
        not come to our page yet WeChat knows nothing: it is open, until its time is over."""
        if not intent.psp_id:
            return None
        told = await self._order(intent)
        if told is not None:
            return await self._standing(intent, told)
        late = intent.state in WAITING and clock.now() > self.pay_by(intent)
        return replace(self._open(intent), state="expired" if late else intent.state)

    async def capture(self, intent: Intent, part: Movement | None = None) -> Standing:
        standing = await self._known(intent)
        if standing.state not in ("authorised", "captured") or intent.state in _ENDED:
            raise WrongState("not_paid", f"this is {standing.state}")
        left = intent.amount.minor - intent.captured.minor
        if standing.state == "captured" and (part is None or left == 0):
            return standing
        if part is not None and part.amount.minor > left:
            raise WrongState("capture_too_much", "more than is left")
        return at_once.captured(intent, standing, part)

    async def void(self, intent: Intent) -> Standing:
        told = await self._order(intent)
        if told is None:
            return replace(self._open(intent), state="voided")
        standing = await self._standing(intent, told)
        if standing.state == "authorised":
            rest = intent.amount.minor - intent.captured.minor
            await self._give_back("void", intent, intent.id + VOID, rest, "released")
            return at_once.paid(intent, standing, released=True)
        if standing.state == "captured" and not await self._released(intent):
            raise WrongState("captured", "there is nothing left to let go of")
        if standing.state in ("requires_method", "requires_action"):
            path = f"/v3/pay/transactions/out-trade-no/{intent.id}/close"
            await self._call("void", "POST", path, {"mchid": self._config.mchid})
        return standing if standing.state == "captured" else replace(standing, state="voided")

    async def refund(self, intent: Intent, part: Movement) -> Standing:
        standing = await self._known(intent)
        if standing.state not in ("authorised", "captured") or not standing.captured:
            raise WrongState("not_captured", "there is nothing to give back")
        told = await self._give_back("refund", intent, part.id, part.amount.minor, part.reason)
        if told["status"] != "SUCCESS":
            return standing
        return at_once.refunded(intent, standing, part, part.id)

    async def statement(self, day: date) -> AsyncIterator[list[Line]]:
        """A day (UTC) lies in the bills of two days in Beijing."""
        for billed in (day, day + timedelta(days=1)):
            rows = await self._bill(billed)
            yield [line for row in rows if (line := line_of(row)).at.date() == day]

    async def read_event(self, body: str, signature: str, now: datetime) -> Heard:
        at, nonce, serial, signed = (signature.split("\n") + [""] * 4)[:4]
        if not (at.isascii() and at.isdigit()) or abs(now.timestamp() - int(at[:12])) > TOLERANCE_SECONDS:
            raise errors.Forbidden("this was signed at another time", code="signature_invalid")
        key = await self._platform_key(serial)
        if key is None or not rsa.is_signed(key, signing.answer_message(at, nonce, body), signed):
            raise errors.Forbidden("this does not bear WeChat Pay's signature", code="signature_invalid")
        try:
            event = msgspec.json.decode(body, type=dict[str, Any])
            sealed = msgspec.convert(event["resource"], signing.Sealed)
            told = msgspec.json.decode(signing.unseal(self._key, sealed), type=dict[str, Any])
            return Heard(id=event["id"], type=event["event_type"], reference=told["out_trade_no"])
        except (msgspec.DecodeError, msgspec.ValidationError, KeyError, ValueError) as error:
            raise errors.BadRequest(f"not an event: {error}", code="event_malformed") from error

    async def _known(self, intent: Intent) -> Standing:
        told = await self._order(intent)
        if told is None:
            raise WrongState("not_paid", "there is no such order")
        return await self._standing(intent, told)

    async def _order(self, intent: Intent) -> dict[str, Any] | None:
        path = f"/v3/pay/transactions/out-trade-no/{intent.id}?mchid={self._config.mchid}"
        try:
            return await self._call("find", "GET", path)
        except ProviderRefused as refused:
            if refused.code in ("ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"):
                return None
            raise

    async def _standing(self, intent: Intent, told: Mapping[str, Any]) -> Standing:
        known, state = self._open(intent), told["trade_state"]
        if state not in ("SUCCESS", "REFUND"):
            ended = intent.state if intent.state in _ENDED else "expired"
            failure = state if state == "PAYERROR" else ""
            return replace(known, state=ended if state == "CLOSED" else _STATES[state], failure=failure)
        amount = Money(told["amount"]["total"], told["amount"]["currency"])
        if amount != intent.amount:
            raise ProviderRefused("amount_differs", "the order is for another amount")
        released = state == "REFUND" and await self._released(intent)
        return at_once.paid(intent, replace(known, method="wechat_pay"), released=released)

    async def _released(self, intent: Intent) -> bool:
        """Whether what was not captured is on its way back."""
        try:
            told = await self._call("find", "GET", f"/v3/refund/domestic/refunds/{intent.id}{VOID}")
        except ProviderRefused as refused:
            if refused.code == "RESOURCE_NOT_EXISTS":
                return False
            raise
        return told["status"] in ("SUCCESS", "PROCESSING")

    async def _give_back(
        self, operation: str, intent: Intent, number: str, minor: int, reason: str
    ) -> dict[str, Any]:
        """The same refund number has one effect; asked again it tells how that one stands."""
        wanted = {
            "out_trade_no": intent.id,
            "out_refund_no": number,
            "amount": {"refund": minor, "total": intent.amount.minor, "currency": "CNY"},
        }
        if reason:
            wanted["reason"] = reason[:80]
        told = await self._call(operation, "POST", "/v3/refund/domestic/refunds", wanted)
        if told["status"] in ("CLOSED", "ABNORMAL"):
            raise ProviderRefused(told["status"].lower(), "the refund did not go through")
        return told

    async def _bill(self, billed: date) -> list[dict[str, str]]:
        begins = datetime.combine(billed, datetime.min.time(), BEIJING)
        if begins > clock.now():
            return []
        asked = f"/v3/bill/tradebill?bill_date={billed.isoformat()}&bill_type=ALL"
        try:
            told = await self._call("statement", "GET", asked)
        except ProviderRefused as refused:
            if refused.code == "NO_STATEMENT_EXIST" and clock.now() >= begins + BILL_READY:
                return []
            raise errors.Unavailable("the bill of that day is not there yet") from refused
        parts = urlsplit(told["download_url"])
        signed = {"authorization": self._authorization("GET", f"{parts.path}?{parts.query}", "")}
        answer = await self._client.get(told["download_url"], headers=signed, timeout=SECONDS)
        digest = hashlib.new(told["hash_type"].lower(), answer.content, usedforsecurity=False).hexdigest()
        if not answer.is_success or digest.lower() != told["hash_value"].lower():
            raise errors.Unavailable("the bill could not be fetched whole")
        return rows_of(answer.text)

    def _open(self, intent: Intent) -> Standing:
        return Standing(
            psp_id=intent.id,
            reference=intent.id,
            state="requires_method",
            amount=intent.amount,
            captured=intent.captured.minor,
            refunded=intent.refunded.minor,
            hosted_url=intent.hosted_url,
            provider=self.name,
        )

    def _authorization(self, method: str, target: str, body: str) -> str:
        config, at = self._config, int(clock.now().timestamp())
        return signing.authorization(self._private, config.mchid, config.serial, method, target, body, at)

    async def _platform_key(self, serial: str) -> RSAPublicKey | None:
        """The platform's key of this number; if it is a new one, all of them are fetched."""
        async with self._fetching:
            if serial not in self._platform:
                answer = await self._send("certificates", "GET", CERTIFICATES, "")
                try:
                    told = msgspec.json.decode(answer.content, type=signing.Certificates)
                    found = signing.platform_keys(self._key, told)
                except (msgspec.DecodeError, ValueError) as error:
                    raise errors.DeadlineExceeded("the platform's certificates are not to be had") from error
                if not _signed(found, answer):
                    raise errors.DeadlineExceeded("the platform's certificates are not signed by it")
                self._platform = found
        return self._platform.get(serial)

    async def _call(
        self, operation: str, method: str, target: str, wanted: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The answer, once its signature is checked."""
        body = "" if wanted is None else msgspec.json.encode(wanted).decode()
        answer = await self._send(operation, method, target, body)
        if answer.status_code >= 500 or answer.status_code == 429:
            raise errors.DeadlineExceeded(f"the payment provider answered {answer.status_code}")
        serial = answer.headers.get("wechatpay-serial", "")
        key = await self._platform_key(serial) if serial else None
        if key is None or not _signed({serial: key}, answer):
            raise errors.DeadlineExceeded("the payment provider gave no answer that can be believed")
        told = msgspec.json.decode(answer.content or b"{}", type=dict[str, Any])
        if answer.is_success:
            return told
        code = str(told.get("code", ""))
        if code in ("SYSTEM_ERROR", "FREQUENCY_LIMITED"):
            raise errors.DeadlineExceeded(f"the payment provider answered {code}")
        kind = WrongState if operation in ("void", "refund") else ProviderRefused
        raise kind(code, str(told.get("message", "")))

    async def _send(self, operation: str, method: str, target: str, body: str) -> httpx.Response:
        headers = {
            "authorization": self._authorization(method, target, body),
            "accept": "application/json",
            "content-type": "application/json",
        }
        try:
            with span(f"wechat_pay.{operation}"):
                return await self._client.request(
                    method, self._config.url + target, headers=headers, content=body, timeout=SECONDS
                )
        except httpx.ConnectError as error:
            raise errors.Unavailable("the payment provider does not answer") from error
        except httpx.TransportError as error:
            raise errors.DeadlineExceeded("the payment provider gave no answer in time") from error


def adapter(client: httpx.AsyncClient, config: dict[str, str]) -> Provider:
    return WechatPay(client, msgspec.convert(config, Config))


def _signed(keys: Mapping[str, RSAPublicKey], answer: httpx.Response) -> bool:
    told = answer.headers
    key = keys.get(told.get("wechatpay-serial", ""))
    message = signing.answer_message(
        told.get("wechatpay-timestamp", ""), told.get("wechatpay-nonce", ""), answer.text
    )
    return key is not None and rsa.is_signed(key, message, told.get("wechatpay-signature", ""))


def rows_of(text: str) -> list[dict[str, str]]:
    """The detail rows of a bill: a backtick before each value; a head and a row of sums follow them."""
    lines = text.removeprefix("\ufeff").splitlines()
    end = next((place for place, line in enumerate(lines) if line.startswith("总")), len(lines))
    return [
        {name: (value or "").lstrip("`") for name, value in row.items() if name}
        for row in csv.DictReader(lines[:end])
    ]


def line_of(row: Mapping[str, str]) -> Line:
    """What was let go before it was captured takes back its capture; it is no refund of ours."""
    back = row["交易状态"] == "REFUND"
    number = row["商户退款单号"]
    released = back and number.endswith(VOID)
    amount = Money.parse(row["退款金额"] if back else row["应结订单金额"], "CNY")
    at = datetime.strptime(row["交易时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    return Line(
        id=number if back else row["微信订单号"],
        kind="refund" if back and not released else "capture",
        reference=row["商户订单号"],
        movement=number if back and not released else "",
        psp_intent=row["微信订单号"],
        amount=-amount if released else amount,
        fee=Money(abs(Money.parse(_cents(row["手续费"]), "CNY").minor), "CNY"),
        at=at.astimezone(UTC),
    )


def _cents(text: str) -> str:
    """Fees are told to a hundredth of a fen; ours are whole ones, the nearest."""
    return str(Decimal(text or "0").quantize(Decimal("0.01")))
