"""The adapter to Alipay (opendocs.alipay.com): page pay by redirect, RSA2 signatures both ways, refunds and bills.

Alipay takes the money at once (see `at_once`). A payment has no trade there until the payer opens its page, which a signed
address allows until it runs out: that an intent has ended here does not keep anybody from paying, so what is paid then counts
as taken for nothing and goes back.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

import httpx
import msgspec
from msgspec.structs import replace

from luxe.kernel import clock, errors
from luxe.kernel.money import Money
from luxe.kernel.telemetry import span
from luxe.services.payments.contract import Intent, MethodKind
from luxe.services.payments.domain.life import Line, Movement, Standing
from luxe.services.payments.service import at_once, rsa
from luxe.services.payments.service.provider import Heard, Order, Provider, ProviderRefused, WrongState

SECONDS = 8.0
TOLERANCE = timedelta(minutes=5)
PAGE_LASTS = timedelta(hours=1)
BEIJING = timezone(timedelta(hours=8))
BILL_READY = timedelta(days=1, hours=10)
"""A day's bill is there on the next morning."""

OK, ABSENT = "10000", "ACQ.TRADE_NOT_EXIST"
UNKNOWN = ("20000", "10003")
UNSURE = ("ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR")
NO_BILL = "isp.bill_not_exist"


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`private_key` is the app's, `public_key` Alipay's: PEM, or the path of a file. `cashier` is where payers reach what the
    house reaches at `url`, if that is elsewhere."""

    app_id: str
    private_key: str
    public_key: str
    url: str = "https://openapi.alipay.com/gateway.do"
    cashier: str = ""


class Refused(Exception):
    """Alipay's `sub_code`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Alipay:
    name: ClassVar[str] = "alipay"

    def __init__(self, client: httpx.AsyncClient, config: Config) -> None:
        self._client = client
        self._config = config
        self._cashier = config.cashier or config.url
        self._private = rsa.private_key(config.private_key)
        self._public = rsa.public_key(config.public_key)

    def carries(self, method: str, currency: str) -> MethodKind | None:
        return "redirect" if method == "alipay" and currency == "CNY" else None

    async def create(self, order: Order) -> Standing:
        """Nothing happens at Alipay yet; the same intent has the same address."""
        intent = order.intent
        content = {
            "out_trade_no": intent.id,
            "product_code": "FAST_INSTANT_TRADE_PAY",
            "total_amount": _yuan(intent.amount.minor),
            "subject": order.description[:256] or intent.id,
            "time_expire": _beijing(intent.created_at + PAGE_LASTS),
        }
        more = {"return_url": order.return_url, "notify_url": order.webhook_url}
        asked = self._signed("alipay.trade.page.pay", content, more, intent.created_at)
        return replace(self._open(intent), hosted_url=f"{self._cashier}?{urlencode(asked)}")

    async def find(self, intent: Intent) -> Standing | None:
        if not intent.psp_id:
            return None
        trade = await self._trade(intent)
        return await self._standing(intent, trade)

    async def capture(self, intent: Intent, part: Movement | None = None) -> Standing:
        standing = await self._paid(intent)
        left = intent.amount.minor - intent.captured.minor
        if standing.state == "captured" and (part is None or left == 0):
            return standing
        if part is not None and part.amount.minor > left:
            raise WrongState("capture_too_much", "more than is left")
        return at_once.captured(intent, standing, part)

    async def void(self, intent: Intent) -> Standing:
        trade = await self._trade(intent)
        standing = await self._standing(intent, trade)
        if standing.state == "authorised":
            rest = intent.amount.minor - intent.captured.minor
            await self._give_back("void", intent, _void(intent), rest)
            return at_once.paid(intent, standing, released=True)
        if standing.state in ("captured", "disputed") and not (trade and await self._released(intent)):
            raise WrongState("captured", "there is nothing left to let go of")
        if trade and trade["trade_status"] == "WAIT_BUYER_PAY":
            try:
                await self._call("void", "alipay.trade.close", {"out_trade_no": intent.id})
            except Refused as refused:
                raise WrongState(refused.code, str(refused)) from refused
        return standing if standing.state == "captured" else replace(standing, state="voided")

    async def refund(self, intent: Intent, part: Movement) -> Standing:
        standing = await self._standing(intent, await self._trade(intent))
        if standing.state not in ("authorised", "captured") or not standing.captured:
            raise WrongState("not_captured", "there is nothing to give back")
        try:
            await self._give_back("refund", intent, part.id, part.amount.minor)
        except ProviderRefused as refused:
            raise WrongState(refused.code, str(refused)) from refused
        return at_once.refunded(intent, standing, part, part.id)

    async def statement(self, day: date) -> AsyncIterator[list[Line]]:
        """A day (UTC) lies in the bills of two days in Beijing."""
        for billed in (day, day + timedelta(days=1)):
            rows = await self._bill(billed)
            yield [line for row in rows if (line := line_of(row)).at.date() == day]

    async def read_event(self, body: str, signature: str, now: datetime) -> Heard:
        told = dict(parse_qsl(body, keep_blank_values=True))
        if not is_genuine(self._public, told) or told.get("app_id") != self._config.app_id:
            raise errors.Forbidden("this does not bear Alipay's signature", code="signature_invalid")
        try:
            at = datetime.strptime(told["notify_time"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
            heard = Heard(id=told["notify_id"], type=told["trade_status"], reference=told["out_trade_no"])
        except (KeyError, ValueError) as error:
            raise errors.BadRequest(f"not an event: {error}", code="event_malformed") from error
        if abs(now - at) > TOLERANCE:
            raise errors.Forbidden("this was signed at another time", code="signature_invalid")
        return heard

    async def _paid(self, intent: Intent) -> Standing:
        standing = await self._standing(intent, await self._trade(intent))
        if standing.state not in ("authorised", "captured") or intent.state in (
            "voided",
            "failed",
            "expired",
        ):
            raise WrongState("not_paid", f"this is {standing.state}")
        return standing

    async def _standing(self, intent: Intent, trade: Mapping[str, Any] | None) -> Standing:
        known = self._open(intent)
        if trade is None:
            over = clock.now() > intent.created_at + PAGE_LASTS
            ended = intent.state if intent.state in ("voided", "failed", "expired") else known.state
            return replace(known, state="expired" if over and ended == known.state else ended)
        if Money.parse(str(trade["total_amount"]), "CNY") != intent.amount:
            raise ProviderRefused("amount_differs", "the trade is for another amount")
        known = replace(known, method="alipay")
        status = trade["trade_status"]
        if status == "WAIT_BUYER_PAY":
            return replace(known, state="requires_action")
        if status in ("TRADE_SUCCESS", "TRADE_FINISHED"):
            whole = not intent.captured.minor or intent.captured == intent.amount
            return at_once.paid(intent, known, released=not whole and await self._released(intent))
        if intent.captured.minor or await self._released(intent):
            return at_once.paid(intent, known, released=True)
        return replace(known, state="voided" if intent.state == "voided" else "expired")

    async def _trade(self, intent: Intent) -> dict[str, Any] | None:
        try:
            return await self._call("find", "alipay.trade.query", {"out_trade_no": intent.id})
        except Refused as refused:
            if refused.code == ABSENT:
                return None
            raise ProviderRefused(refused.code, str(refused)) from refused

    async def _released(self, intent: Intent) -> bool:
        """Whether what was not captured has gone back."""
        asked = {"out_trade_no": intent.id, "out_request_no": _void(intent)}
        try:
            found = await self._call("find", "alipay.trade.fastpay.refund.query", asked)
        except Refused:
            return False
        return found.get("refund_status") == "REFUND_SUCCESS"

    async def _give_back(self, operation: str, intent: Intent, request: str, minor: int) -> None:
        """The same request number has one effect, and the same answer."""
        asked = {"out_trade_no": intent.id, "out_request_no": request, "refund_amount": _yuan(minor)}
        try:
            await self._call(operation, "alipay.trade.refund", asked)
        except Refused as refused:
            raise ProviderRefused(refused.code, str(refused)) from refused

    async def _bill(self, billed: date) -> list[dict[str, str]]:
        begins = datetime.combine(billed, datetime.min.time(), BEIJING)
        if begins > clock.now():
            return []
        asked = {"bill_type": "trade", "bill_date": billed.isoformat()}
        try:
            found = await self._call("statement", "alipay.data.dataservice.bill.downloadurl.query", asked)
        except Refused as refused:
            if refused.code == NO_BILL and clock.now() >= begins + BILL_READY:
                return []
            raise errors.Unavailable("the bill of that day is not there yet") from refused
        answer = await self._client.get(found["bill_download_url"], timeout=SECONDS)
        if not answer.is_success:
            raise errors.Unavailable("the bill could not be fetched")
        return rows_of(answer.content)

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

    def _signed(
        self, method: str, content: Mapping[str, str], more: Mapping[str, str], at: datetime
    ) -> dict[str, str]:
        asked = {
            "app_id": self._config.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": _beijing(at),
            "version": "1.0",
            "biz_content": msgspec.json.encode(content).decode(),
            **more,
        }
        return asked | {"sign": rsa.sign(self._private, to_sign(asked))}

    async def _call(self, operation: str, method: str, content: Mapping[str, str]) -> dict[str, Any]:
        """Alipay's answer once its signature is checked. Raises `Refused` for a no."""
        asked = self._signed(method, content, {}, clock.now())
        try:
            with span(f"alipay.{operation}"):
                answer = await self._client.post(self._config.url, data=asked, timeout=SECONDS)
        except httpx.ConnectError as error:
            raise errors.Unavailable("the payment provider does not answer") from error
        except httpx.TransportError as error:
            raise errors.DeadlineExceeded("the payment provider gave no answer in time") from error
        node = answered(answer.text, method) if answer.is_success else ""
        if not node or not rsa.is_signed(self._public, node, _signature(answer.text)):
            raise errors.DeadlineExceeded("the payment provider gave no answer that can be believed")
        told = msgspec.json.decode(node, type=dict[str, Any])
        code, sub_code = str(told.get("code", "")), str(told.get("sub_code", ""))
        if code == OK:
            return told
        if code in UNKNOWN or sub_code in UNSURE:
            raise errors.DeadlineExceeded(f"the payment provider answered {code} {sub_code}")
        raise Refused(sub_code or code, str(told.get("sub_msg") or told.get("msg") or ""))


def adapter(client: httpx.AsyncClient, config: dict[str, str]) -> Provider:
    return Alipay(client, msgspec.convert(config, Config))


def to_sign(asked: Mapping[str, str]) -> str:
    """All parameters that have a value, but `sign`, in the order of their names."""
    return "&".join(f"{name}={asked[name]}" for name in sorted(asked) if name != "sign" and asked[name] != "")


def is_genuine(key: Any, told: Mapping[str, str]) -> bool:
    """Whether Alipay signed a notification: as a request, but without its `sign_type`."""
    plain = {name: value for name, value in told.items() if name != "sign_type"}
    return told.get("sign_type") == "RSA2" and rsa.is_signed(key, to_sign(plain), told.get("sign", ""))


def answered(text: str, method: str) -> str:
    """What is signed of an answer: the value of its node, letter by letter as it came."""
    start = text.find(f'"{method.replace(".", "_")}_response":')
    if start < 0:
        start = text.find('"error_response":')
    if start < 0:
        return ""
    raw = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    return next((bytes(value).decode() for name, value in raw.items() if name.endswith("_response")), "")


def rows_of(archive: bytes) -> list[dict[str, str]]:
    """The detail sheet of a bill: GBK, comments that begin with `#`, tabs behind the values."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        names = [each for each in opened.infolist() if "汇总" not in _name(each)]
        text = opened.read(names[0]).decode("gb18030")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [
        {name.strip(): (value or "").strip() for name, value in row.items() if name}
        for row in csv.DictReader(lines)
    ]


def line_of(row: Mapping[str, str]) -> Line:
    """What was let go before it was captured takes back its capture; it is no refund of ours."""
    back = row["业务类型"] == "退款"
    request = row["退款批次号/请求号"]
    released = back and request.endswith(VOID)
    amount = Money.parse(row["订单金额（元）"], "CNY")
    at = datetime.strptime(row["完成时间"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    size = Money(abs(amount.minor), "CNY")
    return Line(
        id=request if back else row["支付宝交易号"],
        kind="refund" if back and not released else "capture",
        reference=row["商户订单号"],
        movement=request if back and not released else "",
        psp_intent=row["支付宝交易号"],
        amount=-size if released else size,
        fee=Money(abs(Money.parse(row["服务费（元）"], "CNY").minor), "CNY"),
        at=at.astimezone(UTC),
    )


VOID = "-void"


def _void(intent: Intent) -> str:
    return intent.id + VOID


def _name(entry: zipfile.ZipInfo) -> str:
    """Bills name their files in GBK without saying so."""
    return entry.filename.encode("cp437", "replace").decode("gb18030", "replace")


def _signature(text: str) -> str:
    raw = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    return msgspec.json.decode(raw["sign"], type=str) if "sign" in raw else ""


def _yuan(minor: int) -> str:
    return f"{Money(minor, 'CNY').decimal:.2f}"


def _beijing(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
