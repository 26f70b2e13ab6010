"""What no route of `/v1` has to think about: callers that are nobody, text that cannot be kept, and card numbers.

PostgreSQL keeps no NUL character and JSON has no lone surrogates, so neither is let in anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec

from luxe.kernel import errors, http_cards
from luxe.kernel.http_edges import answer_refusal, header_of

MAX_BODY = 1_000_000
MAX_PATH = 1_000
MAX_QUERY = 8_000

_BACKSLASH_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class GuardMiddleware:
    """Answers 401 before a route is even looked for, and 400 for an address that is not clean text.

    `open_to_all` are the paths that ask nobody who they are, or by a signature of their own.
    """

    def __init__(self, app: Any, open_to_all: Collection[str]) -> None:
        self.app = app
        self._open = frozenset(open_to_all)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith("/v1/") and path not in self._open:
            refusal = (
                check_address(scope)
                if scope["principal"].known
                else errors.Unauthenticated("sign in, or send an API key as a bearer token")
            )
            if refusal is not None:
                challenge = [(b"www-authenticate", b"Bearer")] if refusal.status == 401 else []
                await answer_refusal(send, refusal, challenge)
                return
        await self.app(scope, receive, send)


def check_address(scope: Any) -> errors.Refusal | None:
    """What is wrong with a request's path and query, if anything."""
    path, query = scope["path"], scope.get("query_string", b"")
    if len(path) > MAX_PATH or len(query) > MAX_QUERY:
        return errors.Refusal("this address is too long", code="address_too_long", status=414)
    if not _clean(scope.get("raw_path") or path.encode(errors="surrogatepass")) or not _clean(query):
        return errors.BadRequest("an address is UTF-8 text without NUL", code="text_invalid")
    return http_cards.refusal() if http_cards.is_in_address(scope) else None


def check_body(scope: Any, body: bytes) -> errors.Refusal | None:
    """What is wrong with a request's body before anybody knows what it should say."""
    if len(body) > MAX_BODY:
        return errors.Refusal(f"at most {MAX_BODY:,} bytes", code="payload_too_large", status=413)
    if not body:
        return None
    kind = header_of(scope, b"content-type").partition(";")[0].strip().lower()
    if kind != "application/json":
        return errors.Refusal("send application/json", code="unsupported_media_type", status=415)
    try:
        body.decode()
    except UnicodeDecodeError:
        return errors.BadRequest("a body is UTF-8 text", code="text_invalid")
    if b"\0" in body or _BACKSLASH_NUL.search(body):
        return errors.BadRequest("text has no NUL character", code="text_invalid")
    try:
        msgspec.json.decode(body)
    except RecursionError:
        return errors.BadRequest("this JSON is nested too deeply", code="json_too_deep")
    except msgspec.DecodeError as error:
        return errors.BadRequest(f"this is not JSON: {error}", code="json_malformed")
    return http_cards.refusal() if http_cards.is_in_body(scope, body) else None


def _clean(encoded: bytes) -> bool:
    raw = unquote_to_bytes(encoded.replace(b"+", b" "))
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in raw
