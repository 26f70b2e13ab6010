"""Alipay as our simulator of it plays it, in a process of its own that these tests share."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from luxe.kernel.money import Money
from luxe.services.payments.contract import Intent
from luxe.services.payments.service import alipay as service
from luxe.services.payments.service.alipay import BEIJING, adapter, to_sign
from luxe.services.payments.service.provider import Provider
from luxe_outside import rsa
from tests.outside.parties import Party
from tests.services.payments.desks import Desk

APP = "2021000000000000"
YUAN = (Money(1, "CNY"), Money(10**9, "CNY"), Money(12_345, "CNY"))
METHODS = {"capture": "alipay.trade.query", "void": "alipay.trade.refund", "refund": "alipay.trade.refund"}


@cache
def stand_in() -> tuple[Party, Path]:
    """The process, and the folder with everybody's keys."""
    folder = Path(tempfile.mkdtemp(prefix="luxe-alipay-"))
    (folder / "app_public_key.pem").write_bytes(rsa.public_pem(rsa.own_key(folder / "app_private_key.pem")))
    options = ("--port", "0", "--data", str(folder), "--app-key", str(folder / "app_public_key.pem"))
    party = Party("luxe_outside.alipay", *options)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(party.kill)
    return party, folder


def config(url: str = "") -> dict[str, str]:
    party, folder = stand_in()
    return {
        "app_id": APP,
        "private_key": str(folder / "app_private_key.pem"),
        "public_key": str(folder / "alipay_public_key.pem"),
        "url": url or f"{party.url}/gateway.do",
    }


async def pay(client: httpx.AsyncClient, intent: Intent) -> httpx.Response:
    """The payer opens the signed address and pays there."""
    page = await client.get(intent.hosted_url)
    assert page.status_code == 200, page.text
    return await client.post(f"{stand_in()[0].url}/cashier/{intent.id}")


class AlipayDesk:
    lacks: frozenset[str] = frozenset({"search by our reference", "call to create", "dispute"})
    """An address is signed here and no call is made; Alipay settles what payers contest without the merchant."""
    amounts: tuple[Money, ...] = YUAN
    declined: tuple[str, str] = ("requires_action", "")
    """The payer who cannot pay stays at the cashier."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.provider = adapter(client, config())

    async def pay(self, intent: Intent) -> None:
        paid = await pay(self._client, intent)
        assert paid.status_code == 303, paid.text

    async def fail_to_pay(self, intent: Intent) -> None:
        await self._client.get(intent.hosted_url)

    async def lose_answer(self, operation: str, *, happened: bool) -> None:
        order = {"method": METHODS[operation], "happened": happened}
        await self._client.post(f"{stand_in()[0].url}/control/lose", json=order)

    async def contest(self, intent: Intent) -> str:
        raise AssertionError("Alipay has no disputes")

    def event(self, intent: Intent, status: str) -> str:
        return urlencode(
            {"app_id": APP, "notify_id": "evt_1", "trade_status": "TRADE_SUCCESS", "out_trade_no": intent.id}
        )

    def sent(self, body: str, at: int) -> tuple[str, str]:
        """Alipay signs in the body."""
        key = rsa.own_key(stand_in()[1] / "alipay_private_key.pem")
        told = dict(httpx.QueryParams(body).items())
        told["notify_time"] = datetime.fromtimestamp(at, BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        return urlencode(told | {"sign": rsa.sign(key, to_sign(told)), "sign_type": "RSA2"}), ""

    def gone(self) -> Provider:
        return adapter(self._client, config("http://127.0.0.1:9/gateway.do"))


@asynccontextmanager
async def alipay(_: Path) -> AsyncIterator[Desk]:
    """A bill that is not there yet counts as one of nothing: the simulator's are there at once."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(service, "BILL_READY", timedelta(0))
        async with httpx.AsyncClient() as client:
            yield AlipayDesk(client)
