"""Cookies that only this house can have written, for one purpose each."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, TypeVar

import msgspec
from litestar import Response

from luxe.web.site import Site, is_secure

T = TypeVar("T", bound=msgspec.Struct)


def keep(
    site: Site, answer: Response[Any], name: str, kept: msgspec.Struct, *, path: str, seconds: int
) -> None:
    """Writes `kept` into a cookie; it is signed, not hidden: it holds what its owner has said."""
    body = urlsafe_b64encode(msgspec.json.encode(kept)).decode()
    answer.set_cookie(
        key=name,
        value=f"{body}.{_signature(site, name, body)}",
        path=path,
        httponly=True,
        samesite="lax",
        secure=is_secure(site),
        max_age=seconds,
    )


def read(site: Site, name: str, cookie: str, kind: type[T]) -> T | None:
    """What was written; None for a cookie that is not ours, or that an earlier version wrote otherwise."""
    body, _, signature = cookie.rpartition(".")
    if not body or not hmac.compare_digest(signature, _signature(site, name, body)):
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(body), type=kind)
    except (msgspec.DecodeError, ValueError):
        return None


def _signature(site: Site, name: str, body: str) -> str:
    made = hmac.new(site.settings.secret.encode(), f"{name} {body}".encode(), hashlib.sha256)
    return made.hexdigest()[:32]
