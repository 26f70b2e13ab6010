"""The gateway, the cashier and the tests' side door. Requests are signed by the app, answers and notifications by Alipay."""

import html
import json
import secrets
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from litestar import Request, Response, get, post
from litestar.response import Redirect

from luxe_outside import rsa

from .bills import bill
from .trades import Refused, Trade, Trades, clock_time, fen_of, yuan

Answer = dict[str, Any]


class Gateway:
    """`lose` is the next method to lose an answer of, and whether it happens first."""

    def __init__(self, app_id: str, own: RSAPrivateKey, app: RSAPublicKey, url: str, file: Path) -> None:
        self.app_id, self.own, self.app, self.url = app_id, own, app, url
        self.trades = Trades(file)
        self.lose: tuple[str, bool] | None = None
        self.http = httpx.AsyncClient(timeout=10)

    def check(self, asked: dict[str, str]) -> None:
        if asked.get("app_id") != self.app_id:
            raise Refused("isv.invalid-app-id", "无效的AppID参数")
        if asked.get("sign_type") != "RSA2" or not rsa.is_signed(
            self.app, to_sign(asked), asked.get("sign", "")
        ):
            raise Refused("isv.invalid-signature", "验签出错")

    def act(self, method: str, content: Answer) -> Answer:
        known = {
            "alipay.trade.query": self._query,
            "alipay.trade.close": self._close,
            "alipay.trade.refund": self._refund,
            "alipay.trade.fastpay.refund.query": self._refund_query,
            "alipay.data.dataservice.bill.downloadurl.query": self._bill,
        }.get(method)
        if known is None:
            raise Refused("isv.invalid-method", "不存在的方法名")
        return known(content)

    def signed(self, method: str, told: Answer) -> str:
        node = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        name = method.replace(".", "_") + "_response"
        return f'{{"{name}":{node},"sign":{json.dumps(rsa.sign(self.own, node))}}}'

    async def notify(self, trade: Trade) -> int:
        """Posts a signed notification; returns the merchant's status, 0 for none."""
        told = {
            "app_id": self.app_id,
            "notify_id": secrets.token_hex(17),
            "notify_type": "trade_status_sync",
            "notify_time": clock_time(time.time()),
            "charset": "utf-8",
            "version": "1.0",
            "out_trade_no": trade.out_trade_no,
            "trade_no": trade.trade_no,
            "trade_status": trade.status,
            "total_amount": yuan(trade.fen),
            "subject": trade.subject,
        }
        told |= {"sign": rsa.sign(self.own, to_sign(told)), "sign_type": "RSA2"}
        try:
            return (await self.http.post(trade.notify_url, data=told)).status_code
        except httpx.HTTPError:
            return 0

    def back(self, trade: Trade) -> str:
        """The payer's way back, signed as well."""
        told = {
            "app_id": self.app_id,
            "method": "alipay.trade.page.pay.return",
            "out_trade_no": trade.out_trade_no,
            "trade_no": trade.trade_no,
            "total_amount": yuan(trade.fen),
            "timestamp": clock_time(time.time()),
        }
        told |= {"sign": rsa.sign(self.own, to_sign(told)), "sign_type": "RSA2"}
        return f"{trade.return_url}{'&' if '?' in trade.return_url else '?'}{urlencode(told)}"

    def _query(self, content: Answer) -> Answer:
        trade = self.trades.find(content["out_trade_no"])
        told = {
            "out_trade_no": trade.out_trade_no,
            "trade_no": trade.trade_no,
            "trade_status": trade.status,
            "total_amount": yuan(trade.fen),
            "buyer_logon_id": "lin***@luxe.example",
        }
        return told | ({"send_pay_date": clock_time(trade.paid_at)} if trade.paid_at else {})

    def _close(self, content: Answer) -> Answer:
        trade = self.trades.close(content["out_trade_no"])
        return {"out_trade_no": trade.out_trade_no, "trade_no": trade.trade_no}

    def _refund(self, content: Answer) -> Answer:
        fen = fen_of(content["refund_amount"])
        trade, moved = self.trades.refund(content["out_trade_no"], content["out_request_no"], fen)
        return {
            "out_trade_no": trade.out_trade_no,
            "trade_no": trade.trade_no,
            "fund_change": "Y" if moved else "N",
            "refund_fee": yuan(trade.returned),
        }

    def _refund_query(self, content: Answer) -> Answer:
        trade = self.trades.find(content["out_trade_no"])
        found = trade.backs.get(content["out_request_no"])
        if found is None:
            return {"out_trade_no": trade.out_trade_no}
        return {
            "out_trade_no": trade.out_trade_no,
            "out_request_no": found.request,
            "refund_amount": yuan(found.fen),
            "refund_status": "REFUND_SUCCESS",
        }

    def _bill(self, content: Answer) -> Answer:
        if bill(self.trades.all(), content["bill_date"], self.app_id) is None:
            raise Refused("isp.bill_not_exist", "账单不存在")
        return {"bill_download_url": f"{self.url}/bill/{content['bill_date']}"}


def to_sign(asked: dict[str, str]) -> str:
    kept = sorted(name for name, value in asked.items() if name != "sign" and value != "")
    return "&".join(f"{name}={asked[name]}" for name in kept)


def gateway_of(request: Request[Any, Any, Any]) -> Gateway:
    return request.app.state.gateway


@post("/gateway.do", status_code=200)
async def call(request: Request[Any, Any, Any]) -> Response[str]:
    gateway = gateway_of(request)
    asked = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    method = asked.get("method", "")
    lost, happens = gateway.lose or ("", False)
    if method == lost:
        gateway.lose = None
    if method == lost and not happens:
        return Response("", status_code=504, media_type="text/plain")
    try:
        gateway.check(asked)
        told = {"code": "10000", "msg": "Success"} | gateway.act(method, json.loads(asked["biz_content"]))
    except Refused as refused:
        told = {
            "code": "40004",
            "msg": "Business Failed",
            "sub_code": refused.sub_code,
            "sub_msg": refused.message,
        }
    if method == lost:
        return Response("", status_code=504, media_type="text/plain")
    return Response(gateway.signed(method, told), media_type="application/json")


@get("/gateway.do")
async def cashier(request: Request[Any, Any, Any]) -> Response[str]:
    """The page that a signed address of `alipay.trade.page.pay` leads to."""
    gateway, asked = gateway_of(request), dict(request.query_params.items())
    try:
        gateway.check(asked)
        content = json.loads(asked["biz_content"])
        trade = gateway.trades.open(
            content["out_trade_no"],
            fen_of(content["total_amount"]),
            content["subject"],
            asked.get("notify_url", ""),
            asked.get("return_url", ""),
            content.get("time_expire", ""),
        )
    except Refused as refused:
        return Response(f"{refused.sub_code} {refused.message}", status_code=400, media_type="text/plain")
    name, amount = html.escape(trade.subject), yuan(trade.fen)
    page = f"""<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>支付宝（沙箱）</title>
<h1>支付宝（沙箱）</h1><p>{name}</p><p>¥ {amount}</p>
<form method="post" action="{html.escape(gateway.url)}/cashier/{trade.out_trade_no}"><button>付款 Pay</button></form></html>"""
    return Response(page, media_type="text/html")


@post("/cashier/{number:str}", status_code=200)
async def pay(request: Request[Any, Any, Any], number: str) -> Response[str] | Redirect:
    gateway = gateway_of(request)
    try:
        trade = gateway.trades.pay(number)
    except Refused as refused:
        return Response(f"{refused.sub_code} {refused.message}", status_code=400, media_type="text/plain")
    await gateway.notify(trade)
    return Redirect(gateway.back(trade), status_code=303)


@get("/bill/{day:str}")
async def read_bill(request: Request[Any, Any, Any], day: str) -> Response[bytes]:
    gateway = gateway_of(request)
    return Response(bill(gateway.trades.all(), day, gateway.app_id) or b"", media_type="application/zip")


@post("/control/lose", status_code=200)
async def lose(request: Request[Any, Any, Any]) -> dict[str, bool]:
    order = json.loads(await request.body())
    gateway_of(request).lose = (order["method"], order["happened"])
    return {"ordered": True}


@post("/control/notify/{number:str}", status_code=200)
async def notify_again(request: Request[Any, Any, Any], number: str) -> dict[str, int]:
    gateway = gateway_of(request)
    return {"status": await gateway.notify(gateway.trades.find(number))}


@get("/control/trades/{number:str}")
async def read_trade(request: Request[Any, Any, Any], number: str) -> dict[str, Any]:
    """What truly happened: status, and the refunds by the merchant's numbers."""
    trade = gateway_of(request).trades.find(number)
    backs = {each.request: each.fen for each in trade.backs.values()}
    return {"status": trade.status, "fen": trade.fen, "backs": backs}


@get("/health", sync_to_thread=False)
def health() -> dict[str, str]:
    return {"status": "ok"}


handlers = [call, cashier, pay, read_bill, lose, notify_again, read_trade, health]
