"""WeChat Pay as our simulator of it plays it, in a process of its own that these tests share."""

from __future__ import annotations

import atexit
import base64
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from luxe.kernel.money import Money
from luxe.services.payments.contract import Intent
from luxe.services.payments.service import wechat_pay as service
from luxe.services.payments.service.provider import Provider
from luxe.services.payments.service.wechat_pay import adapter
from luxe_outside import rsa
from tests.outside.parties import Party
from tests.services.payments.alipay_desk import YUAN
from tests.services.payments.desks import Desk

API_V3_KEY = "a key of exactly thirty-two bytes"[:32]
SERIAL = "3775B6A45ACD588826D15E583A95F5DD00000000"
OPERATIONS = {"create": "create", "capture": "query", "void": "refund", "refund": "refund"}


@cache
def stand_in() -> tuple[Party, Path]:
    """The process, and the folder with the merchant's keys."""
    folder = Path(tempfile.mkdtemp(prefix="luxe-wechat-"))
    (folder / "public.pem").write_bytes(rsa.public_pem(rsa.own_key(folder / "private.pem")))
    options = ("--port", "0", "--data", str(folder), "--merchant-key", str(folder / "public.pem"))
    party = Party("luxe_outside.wechat_pay", *options, "--api-v3-key", API_V3_KEY)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(party.kill)
    return party, folder


def config(**changes: str) -> dict[str, str]:
    party, folder = stand_in()
    return {
        "mchid": "1900000000",
        "appid": "wx0000000000000000",
        "serial": SERIAL,
        "private_key": str(folder / "private.pem"),
        "api_v3_key": API_V3_KEY,
        "url": party.url,
    } | changes


async def control(client: httpx.AsyncClient, order: str, **wanted: Any) -> dict[str, Any]:
    answer = await client.post(f"{stand_in()[0].url}/control/{order}", json=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def pay(client: httpx.AsyncClient, intent: Intent) -> httpx.Response:
    page = await client.get(intent.hosted_url)
    assert page.status_code == 200, page.text
    return await client.post(intent.hosted_url)


class WechatDesk:
    lacks: frozenset[str] = frozenset({"search by our reference", "dispute"})
    amounts: tuple[Money, ...] = YUAN
    declined: tuple[str, str] = ("failed", "PAYERROR")

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.provider = adapter(client, config())

    async def pay(self, intent: Intent) -> None:
        paid = await pay(self._client, intent)
        assert paid.status_code == 303, paid.text

    async def fail_to_pay(self, intent: Intent) -> None:
        await control(self._client, "fail", number=intent.id)

    async def lose_answer(self, operation: str, *, happened: bool) -> None:
        await control(self._client, "lose", operation=OPERATIONS[operation], happened=happened)

    async def contest(self, intent: Intent) -> str:
        raise AssertionError("WeChat Pay has no disputes by this API")

    def event(self, intent: Intent, status: str) -> str:
        plain = json.dumps({"out_trade_no": intent.id, "trade_state": "SUCCESS"}).encode()
        sealed = AESGCM(API_V3_KEY.encode()).encrypt(b"0123456789ab", plain, b"transaction")
        resource = {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": "0123456789ab",
            "associated_data": "transaction",
            "ciphertext": base64.b64encode(sealed).decode(),
        }
        return json.dumps({"id": "evt_1", "event_type": "TRANSACTION.SUCCESS", "resource": resource})

    def sent(self, body: str, at: int) -> tuple[str, str]:
        """The simulator alone has the certificate's key: it is asked to sign."""
        told = httpx.post(f"{stand_in()[0].url}/control/sign", json={"body": body, "at": at}).json()
        names = ("Timestamp", "Nonce", "Serial", "Signature")
        return body, "\n".join(told[f"Wechatpay-{name}"] for name in names)

    def gone(self) -> Provider:
        return adapter(self._client, config(url="http://127.0.0.1:9"))


@asynccontextmanager
async def wechat_pay(_: Path) -> AsyncIterator[Desk]:
    """A bill that is not there yet counts as one of nothing: the simulator's are there at once."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(service, "BILL_READY", timedelta(0))
        async with httpx.AsyncClient() as client:
            yield WechatDesk(client)
