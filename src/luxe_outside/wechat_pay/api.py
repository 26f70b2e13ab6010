"""The API, the payer's page and the tests' side door. Every answer is signed, a refusal's too."""

import hashlib
import html
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.response import Redirect

from .bills import bill
from .merchant import Platform
from .orders import Back, Order, Refused, clock_time

Answer = dict[str, Any] | None


def platform_of(request: Request[Any, Any, Any]) -> Platform:
    return request.app.state.platform


async def answered(
    request: Request[Any, Any, Any], operation: str, act: Callable[[Platform, dict[str, Any]], Answer]
) -> Response[str]:
    """Checks the merchant's signature, acts, and signs what comes of it; loses the answer if told to."""
    platform, body = platform_of(request), (await request.body()).decode()
    lost, happens = platform.lose or ("", False)
    if operation == lost:
        platform.lose = None
    if operation == lost and not happens:
        return Response("", status_code=504, media_type="text/plain")
    query = request.url.query
    target = request.url.path + (f"?{query}" if query else "")
    status = 200
    try:
        platform.check(request.method, target, request.headers.get("authorization", ""), body)
        told = act(platform, json.loads(body or "{}"))
        if told is None:
            status = 204
    except Refused as refused:
        status, told = refused.status_code, {"code": refused.code, "message": refused.message}
    if operation == lost:
        return Response("", status_code=504, media_type="text/plain")
    text = "" if told is None else json.dumps(told, ensure_ascii=False)
    return Response(text, status_code=status, headers=platform.headers(text), media_type="application/json")


def opened(platform: Platform, trade: str, wanted: dict[str, Any]) -> Order:
    if (wanted.get("mchid"), wanted.get("appid")) != (platform.mchid, platform.appid):
        raise Refused(400, "PARAM_ERROR", "商户号与appid不匹配")
    return platform.orders.open(
        trade,
        wanted["out_trade_no"],
        wanted["amount"]["total"],
        wanted["description"],
        wanted["notify_url"],
        datetime.fromisoformat(wanted["time_expire"]).timestamp(),
    )


@post("/v3/pay/transactions/h5", status_code=200)
async def prepay_h5(request: Request[Any, Any, Any]) -> Response[str]:
    def act(platform: Platform, wanted: dict[str, Any]) -> Answer:
        if not wanted.get("scene_info", {}).get("payer_client_ip"):
            raise Refused(400, "PARAM_ERROR", "缺少scene_info")
        return {"h5_url": f"{platform.url}/pay?prepay_id={opened(platform, 'h5', wanted).out_trade_no}"}

    return await answered(request, "create", act)


@post("/v3/pay/transactions/native", status_code=200)
async def prepay_native(request: Request[Any, Any, Any]) -> Response[str]:
    def act(platform: Platform, wanted: dict[str, Any]) -> Answer:
        return {"code_url": f"weixin://wxpay/bizpayurl?pr={opened(platform, 'native', wanted).out_trade_no}"}

    return await answered(request, "create", act)


@get("/v3/pay/transactions/out-trade-no/{number:str}")
async def query(request: Request[Any, Any, Any], number: str) -> Response[str]:
    return await answered(
        request, "query", lambda platform, _: platform.described(platform.orders.find(number))
    )


@post("/v3/pay/transactions/out-trade-no/{number:str}/close", status_code=200)
async def close(request: Request[Any, Any, Any], number: str) -> Response[str]:
    return await answered(request, "close", lambda platform, _: platform.orders.close(number))


@post("/v3/refund/domestic/refunds", status_code=200)
async def refund(request: Request[Any, Any, Any]) -> Response[str]:
    def act(platform: Platform, wanted: dict[str, Any]) -> Answer:
        amount = wanted["amount"]
        return _told(
            *platform.orders.refund(wanted["out_trade_no"], wanted["out_refund_no"], amount["refund"])
        )

    return await answered(request, "refund", act)


@get("/v3/refund/domestic/refunds/{number:str}")
async def query_refund(request: Request[Any, Any, Any], number: str) -> Response[str]:
    return await answered(request, "query", lambda platform, _: _told(*platform.orders.find_refund(number)))


@get("/v3/certificates")
async def certificates(request: Request[Any, Any, Any]) -> Response[str]:
    return await answered(request, "certificates", lambda platform, _: platform.told_certificates())


@get("/v3/bill/tradebill")
async def trade_bill(request: Request[Any, Any, Any], bill_date: str) -> Response[str]:
    def act(platform: Platform, _: dict[str, Any]) -> Answer:
        sheet = bill(platform.orders.all(), bill_date, platform.appid, platform.mchid)
        if sheet is None:
            raise Refused(400, "NO_STATEMENT_EXIST", "账单文件不存在")
        digest = hashlib.sha1(sheet.encode(), usedforsecurity=False).hexdigest()
        url = f"{platform.url}/v3/billdownload/file?{urlencode({'token': bill_date})}"
        return {"hash_type": "SHA1", "hash_value": digest, "download_url": url}

    return await answered(request, "bill", act)


@get("/v3/billdownload/file")
async def download(request: Request[Any, Any, Any], token: str) -> Response[str]:
    """Not signed by the platform: the bill's hash is."""
    platform = platform_of(request)
    target = f"{request.url.path}?{request.url.query}"
    try:
        platform.check("GET", target, request.headers.get("authorization", ""), "")
    except Refused as refused:
        return Response(refused.code, status_code=refused.status_code, media_type="text/plain")
    sheet = bill(platform.orders.all(), token, platform.appid, platform.mchid) or ""
    return Response(sheet, media_type="text/plain")


@get("/pay")
async def page(request: Request[Any, Any, Any], prepay_id: str, redirect_url: str = "") -> Response[str]:
    """What the H5 address leads to."""
    try:
        order = platform_of(request).orders.find(prepay_id)
    except Refused as refused:
        return Response(refused.message, status_code=404, media_type="text/plain")
    amount, name = f"{order.fen // 100}.{order.fen % 100:02d}", html.escape(order.description)
    action = html.escape(
        f"{platform_of(request).url}/pay?{urlencode({'prepay_id': prepay_id, 'redirect_url': redirect_url})}"
    )
    text = f"""<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>微信支付（沙箱）</title>
<h1>微信支付（沙箱）</h1><p>{name}</p><p>¥ {amount}</p>
<form method="post" action="{action}"><button>付款 Pay</button></form></html>"""
    return Response(text, media_type="text/html")


@post("/pay", status_code=200)
async def pay(
    request: Request[Any, Any, Any], prepay_id: str, redirect_url: str = ""
) -> Response[str] | Redirect:
    platform = platform_of(request)
    try:
        order = platform.orders.pay(prepay_id)
    except Refused as refused:
        return Response(refused.message, status_code=400, media_type="text/plain")
    await platform.notify(order)
    return Redirect(redirect_url or f"{platform.url}/health", status_code=303)


@get("/phone")
async def phone(request: Request[Any, Any, Any]) -> Response[str]:
    """Stands in for the payer's phone: what it could have scanned and not paid yet, the newest first."""
    platform = platform_of(request)
    waiting = [
        each for each in platform.orders.all() if platform.orders.find(each.out_trade_no).state == "NOTPAY"
    ]
    scanned = [each for each in reversed(waiting) if each.trade == "native"]
    back = urlencode({"redirect_url": f"{platform.url}/phone"})
    rows = "".join(
        f"""<li><p>{html.escape(each.description)}<br>¥ {each.fen // 100}.{each.fen % 100:02d}</p><form method="post"
action="{html.escape(f"{platform.url}/pay?prepay_id={each.out_trade_no}&{back}")}"><button>扫码并付款 Scan and pay</button></form></li>"""
        for each in scanned
    )
    text = f"""<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>微信（沙箱）</title><h1>微信（沙箱） A phone with WeChat</h1><ul>{rows or "<li>没有待付款 Nothing to pay</li>"}</ul></html>"""
    return Response(text, media_type="text/html")


@post("/control/{order:str}", status_code=200)
async def control(request: Request[Any, Any, Any], order: str) -> dict[str, Any]:
    """`lose` an answer, `rotate` the certificate, `slow-refunds`, be `silent`, `notify` again, `fail` a payer's attempt,
    `sign` what a test wants to send."""
    platform, wanted = platform_of(request), json.loads(await request.body() or b"{}")
    if order == "rotate":
        platform.rotate()
    elif order == "lose":
        platform.lose = (wanted["operation"], wanted["happened"])
    elif order == "slow-refunds":
        platform.orders.slow_refunds = wanted["slow"]
    elif order == "silent":
        platform.silent = wanted["silent"]
    elif order == "fail":
        platform.orders.find(wanted["number"]).state = "PAYERROR"
        platform.orders.keep()
    elif order == "sign":
        return platform.headers(wanted["body"], wanted["at"])
    elif order == "notify":
        return {"status": await platform.notify(platform.orders.find(wanted["number"]))}
    return {"done": order}


@get("/control/orders/{number:str}")
async def read_order(request: Request[Any, Any, Any], number: str) -> dict[str, Any]:
    """What truly happened: state, and the refunds by the merchant's numbers."""
    order = platform_of(request).orders.find(number)
    return {
        "state": order.state,
        "fen": order.fen,
        "backs": {each.number: each.fen for each in order.backs.values()},
    }


@get("/health", sync_to_thread=False)
def health() -> dict[str, str]:
    return {"status": "ok"}


def _told(order: Order, back: Back) -> dict[str, Any]:
    return {
        "refund_id": back.refund_id,
        "out_refund_no": back.number,
        "transaction_id": order.transaction_id,
        "out_trade_no": order.out_trade_no,
        "status": back.status,
        "create_time": clock_time(back.at),
        "amount": {"total": order.fen, "refund": back.fen, "currency": "CNY"},
    }


handlers = [
    prepay_h5,
    prepay_native,
    query,
    close,
    refund,
    query_refund,
    certificates,
    trade_bill,
    download,
    page,
    pay,
    phone,
    control,
    read_order,
    health,
]
