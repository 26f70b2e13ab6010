"""Secrets of endpoints and the signatures made with them.

A secret is derived from the house's secret and the endpoint's id, so that none is stored. The whole text of the
secret, with its prefix, is the key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac


def secret_of(house_secret: str, endpoint_id: str) -> str:
    made = hmac.new(house_secret.encode(), f"webhook endpoint {endpoint_id}".encode(), hashlib.sha256)
    return "whsec_" + base64.urlsafe_b64encode(made.digest()).decode().rstrip("=")


def signature(secret: str, at: int, body: bytes) -> str:
    """`t=<Unix time>,v1=<HMAC-SHA256 of "t.body" in hex>`."""
    made = hmac.new(secret.encode(), str(at).encode() + b"." + body, hashlib.sha256)
    return f"t={at},v1={made.hexdigest()}"
