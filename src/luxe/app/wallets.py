"""Simulators of Alipay and WeChat Pay beside the house: their keys, their processes, and what payments is told of them."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from luxe.app.child import Spec
from luxe.app.engines.engine import http_answers

NAMES = ("alipay", "wechat_pay")
APP_ID = "2021000000000000"
MERCHANT = {
    "mchid": "1900000000",
    "appid": "wx0000000000000000",
    "serial": "3775B6A45ACD588826D15E583A95F5DD00000000",
}


@dataclass(frozen=True)
class Wallets:
    """`ports` by name for those that are simulated: whatever the house's settings name already is none of them."""

    data: Path
    public_url: str
    secret: str
    ports: Mapping[str, int]

    def providers(self) -> str:
        """`LUXE_PAYMENT_PROVIDERS` with the simulators in it."""
        told = settled()
        if "alipay" in self.ports:
            folder = self.data / "alipay"
            told["alipay"] = {
                "app_id": APP_ID,
                "private_key": str(_private(folder / "app_private_key.pem")),
                "public_key": str(_public(_private(folder / "alipay_private_key.pem"))),
                "url": f"http://127.0.0.1:{self.ports['alipay']}/gateway.do",
                "cashier": f"{self.public_url}/alipay/gateway.do",
            }
        if "wechat_pay" in self.ports:
            folder = self.data / "wechat_pay"
            told["wechat_pay"] = MERCHANT | {
                "private_key": str(_private(folder / "merchant_private_key.pem")),
                "api_v3_key": self.secret[:32],
                "url": f"http://127.0.0.1:{self.ports['wechat_pay']}",
                "trade": "device",
            }
        return json.dumps(told)

    def specs(self) -> list[Spec]:
        found = []
        if "alipay" in self.ports:
            key = _public(_private(self.data / "alipay" / "app_private_key.pem"))
            found.append(self._spec("alipay", "--app-id", APP_ID, "--app-key", str(key)))
        if "wechat_pay" in self.ports:
            key = _public(_private(self.data / "wechat_pay" / "merchant_private_key.pem"))
            named = [part for name, value in MERCHANT.items() for part in (f"--{name}", value)]
            more = ("--merchant-key", str(key), "--api-v3-key", self.secret[:32])
            found.append(self._spec("wechat_pay", *named, *more))
        return found

    def _spec(self, name: str, *arguments: str) -> Spec:
        port = self.ports[name]
        command = (sys.executable, "-P", "-m", f"luxe_outside.{name}", "--port", str(port))
        places = ("--data", str(self.data / name), "--public-url", f"{self.public_url}/{name}")
        return Spec(
            name=name,
            argv=[*command, *places, *arguments, "--parent-death"],
            log=self.data / "logs" / f"{name}.log",
            is_ready=lambda: http_answers(port, "/health"),
            ports={"http": port},
        )


def settled() -> dict[str, dict[str, str]]:
    """The providers that the house's settings name."""
    try:
        return dict(json.loads(os.environ.get("LUXE_PAYMENT_PROVIDERS") or "{}"))
    except ValueError:
        return {}


def simulated() -> list[str]:
    """The wallets that the settings do not name."""
    return [name for name in NAMES if name not in settled()]


def _private(path: Path) -> Path:
    """The file of a private key, made at first use and readable by its owner alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        key = generate_private_key(65537, 2048)
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        draft = path.with_suffix(".new")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(text)
        draft.replace(path)
    return path


def _public(private: Path) -> Path:
    path = private.with_name(private.name.replace("private", "public"))
    if not path.exists():
        key = load_pem_private_key(private.read_bytes(), None)
        assert isinstance(key, RSAPrivateKey)
        path.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path
