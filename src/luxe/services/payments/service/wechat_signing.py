"""How WeChat Pay API v3 signs and seals (pay.weixin.qq.com/doc/v3): requests by the merchant, answers and notifications by the
platform, whose certificates change and come encrypted under the merchant's own API v3 key."""

from __future__ import annotations

import base64
import binascii
import secrets

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509 import load_pem_x509_certificate

from luxe.services.payments.service import rsa

SCHEME = "WECHATPAY2-SHA256-RSA2048"


class Sealed(msgspec.Struct):
    """AEAD_AES_256_GCM; `ciphertext` in base64, with the tag behind it."""

    ciphertext: str
    nonce: str
    associated_data: str = ""


class Platform(msgspec.Struct):
    serial_no: str
    encrypt_certificate: Sealed


class Certificates(msgspec.Struct):
    data: list[Platform]


def request_message(method: str, target: str, at: int, nonce: str, body: str) -> str:
    """`target` is the path with its query."""
    return f"{method}\n{target}\n{at}\n{nonce}\n{body}\n"


def answer_message(at: str, nonce: str, body: str) -> str:
    return f"{at}\n{nonce}\n{body}\n"


def authorization(
    key: RSAPrivateKey, mchid: str, serial: str, method: str, target: str, body: str, at: int, nonce: str = ""
) -> str:
    """The header of a request."""
    nonce = nonce or secrets.token_hex(16).upper()
    signature = rsa.sign(key, request_message(method, target, at, nonce, body))
    fields = {
        "mchid": mchid,
        "nonce_str": nonce,
        "signature": signature,
        "timestamp": str(at),
        "serial_no": serial,
    }
    return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in fields.items())


def unseal(key: bytes, sealed: Sealed) -> bytes:
    """Raises `ValueError` for what was not sealed with this key."""
    try:
        return AESGCM(key).decrypt(
            sealed.nonce.encode(),
            base64.b64decode(sealed.ciphertext, validate=True),
            sealed.associated_data.encode(),
        )
    except (InvalidTag, binascii.Error) as error:
        raise ValueError("this was not sealed with the API v3 key") from error


def platform_keys(key: bytes, certificates: Certificates) -> dict[str, RSAPublicKey]:
    """Serial number to public key. Raises `ValueError` if one is not what it says it is."""
    found: dict[str, RSAPublicKey] = {}
    for each in certificates.data:
        certificate = load_pem_x509_certificate(unseal(key, each.encrypt_certificate))
        public = certificate.public_key()
        if not isinstance(public, RSAPublicKey) or f"{certificate.serial_number:X}" != each.serial_no.lstrip(
            "0"
        ):
            raise ValueError("a platform certificate is not the one that it is called")
        found[each.serial_no] = public
    return found
