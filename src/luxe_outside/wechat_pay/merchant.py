"""Who WeChat Pay is to a merchant: certificates that change, and what is signed and sealed with them."""

import base64
import json
import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from luxe_outside import rsa

from .orders import Order, Orders, Refused

SCHEME = "WECHATPAY2-SHA256-RSA2048 "
TOLERANCE = 300


class Certificate:
    def __init__(self) -> None:
        self.key: RSAPrivateKey = generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com sign (sandbox)")])
        number = secrets.randbits(158) | 1 << 158
        now = datetime.now(UTC)
        self.serial = f"{number:X}"
        self.pem = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(number)
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + timedelta(days=5 * 365))
            .sign(self.key, hashes.SHA256())
            .public_bytes(Encoding.PEM)
        )
        self.since = now


class Platform:
    """`lose` is the next operation to lose an answer of, and whether it happens first."""

    def __init__(
        self, mchid: str, appid: str, serial: str, merchant: RSAPublicKey, key: str, url: str, file: Path
    ) -> None:
        self.mchid, self.appid, self.serial, self.merchant = mchid, appid, serial, merchant
        self.key, self.url = key.encode(), url
        self.certificates = [Certificate()]
        self.orders = Orders(file)
        self.lose: tuple[str, bool] | None = None
        self.silent = False
        self.http = httpx.AsyncClient(timeout=10)

    def rotate(self) -> None:
        """A new certificate signs from now on; the old one is still told."""
        self.certificates = [*self.certificates[-1:], Certificate()]

    def check(self, method: str, target: str, header: str, body: str) -> None:
        """Raises Refused 401 for what the merchant did not sign just now."""
        fields = dict(part.split("=", 1) for part in header.removeprefix(SCHEME).split(",") if "=" in part)
        told = {name: value.strip('"') for name, value in fields.items()}
        try:
            message = f"{method}\n{target}\n{told['timestamp']}\n{told['nonce_str']}\n{body}\n"
            fresh = abs(time.time() - int(told["timestamp"])) <= TOLERANCE
            mine = told["mchid"] == self.mchid and told["serial_no"] == self.serial
            signed = rsa.is_signed(self.merchant, message, told["signature"])
        except (KeyError, ValueError):
            fresh = mine = signed = False
        if not (header.startswith(SCHEME) and fresh and mine and signed):
            raise Refused(401, "SIGN_ERROR", "签名错误")

    def headers(self, body: str, when: int = 0) -> dict[str, str]:
        """The signature of an answer or a notification, by the newest certificate."""
        newest, at, nonce = self.certificates[-1], str(when or int(time.time())), secrets.token_hex(16)
        return {
            "Wechatpay-Timestamp": at,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": newest.serial,
            "Wechatpay-Signature": rsa.sign(newest.key, f"{at}\n{nonce}\n{body}\n"),
        }

    def seal(self, plain: bytes, about: str) -> dict[str, str]:
        nonce = secrets.token_hex(6)
        sealed = AESGCM(self.key).encrypt(nonce.encode(), plain, about.encode())
        return {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": about,
            "ciphertext": base64.b64encode(sealed).decode(),
        }

    def told_certificates(self) -> dict[str, Any]:
        return {
            "data": [
                {
                    "serial_no": each.serial,
                    "effective_time": each.since.isoformat(),
                    "expire_time": (each.since + timedelta(days=5 * 365)).isoformat(),
                    "encrypt_certificate": self.seal(each.pem, "certificate"),
                }
                for each in self.certificates
            ]
        }

    def described(self, order: Order) -> dict[str, Any]:
        told: dict[str, Any] = {
            "appid": self.appid,
            "mchid": self.mchid,
            "out_trade_no": order.out_trade_no,
            "trade_state": order.state,
            "trade_state_desc": "",
        }
        if order.paid_at:
            amount = {
                "total": order.fen,
                "payer_total": order.fen,
                "currency": "CNY",
                "payer_currency": "CNY",
            }
            told |= {
                "transaction_id": order.transaction_id,
                "trade_type": "NATIVE" if order.trade == "native" else "MWEB",
                "bank_type": "OTHERS",
                "amount": amount,
            }
        return told

    async def notify(self, order: Order, kind: str = "TRANSACTION.SUCCESS") -> int:
        """Posts a signed notification; returns the merchant's status, 0 for none."""
        if self.silent:
            return 0
        event = {
            "id": secrets.token_hex(16),
            "create_time": datetime.now(UTC).isoformat(),
            "event_type": kind,
            "resource_type": "encrypt-resource",
            "resource": self.seal(json.dumps(self.described(order)).encode(), "transaction"),
            "summary": "支付成功",
        }
        body = json.dumps(event, ensure_ascii=False)
        headers = self.headers(body) | {"Content-Type": "application/json"}
        try:
            answer = await self.http.post(order.notify_url, content=body.encode(), headers=headers)
        except httpx.HTTPError:
            return 0
        return answer.status_code
