"""RSA with SHA-256 (RSASSA-PKCS1-v1_5, RFC 8017 8.2), as the Chinese wallets sign with it, in base64."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key


def pem(value: str) -> bytes:
    """A key as a setting gives it: PEM itself, or the path of a file that holds it."""
    return value.encode() if value.startswith("-----BEGIN") else Path(value).read_bytes()


def private_key(value: str) -> RSAPrivateKey:
    """Raises `ValueError` for anything but an RSA key without a passphrase."""
    key = load_pem_private_key(pem(value), None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("this is not an RSA key")
    return key


def public_key(value: str) -> RSAPublicKey:
    key = load_pem_public_key(pem(value))
    if not isinstance(key, RSAPublicKey):
        raise ValueError("this is not an RSA key")
    return key


def sign(key: RSAPrivateKey, message: str) -> str:
    return base64.b64encode(key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed(key: RSAPublicKey, message: str, signature: str) -> bool:
    try:
        key.verify(
            base64.b64decode(signature, validate=True), message.encode(), padding.PKCS1v15(), hashes.SHA256()
        )
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
