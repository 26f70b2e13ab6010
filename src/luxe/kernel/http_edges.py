"""ASGI layers around the app, outermost first: request context, principal, rate limits, answers at hand."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie
from typing import Any

import msgspec
import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from luxe.kernel import context, errors
from luxe.kernel.auth import NOBODY, Principal
from luxe.kernel.house import House
from luxe.kernel.i18n import known_tag, negotiate
from luxe.kernel.ids import new_id
from luxe.kernel.ports import INTERNAL_HEADER
from luxe.kernel.telemetry import REQUESTS, first_span, name_answer

log = structlog.get_logger()

SESSION_COOKIE = "luxe_session"
LOCALE_COOKIE = "luxe_locale"
UNSAFE = frozenset(("POST", "PUT", "PATCH", "DELETE"))


def header_of(scope: Any, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""


def _cookies(scope: Any) -> dict[str, str]:
    raw = header_of(scope, b"cookie")
    if not raw:
        return {}
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(raw).items()}
    except CookieError:
        return {}


async def answer_refusal(
    send: Any, refusal: errors.Refusal, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    body = msgspec.json.encode(refusal.problem() | {"request_id": context.current().request_id})
    start = [
        (b"content-type", b"application/problem+json"),
        (b"cache-control", b"no-store"),
        *(headers or []),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": start})
    await send({"type": "http.response.body", "body": body})


def entity_tag(body: bytes) -> str:
    """The strong ETag of a body, quotes included."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


class RequestMiddleware:
    """Gives each request an id and a locale, answers conditional reads, measures and traces.

    The id is that of the calling process if it is one of this house, else Envoy's, else new.
    """

    def __init__(self, app: Any, internal_token: str) -> None:
        self.app = app
        self.internal_token = internal_token.encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        shown = header_of(scope, INTERNAL_HEADER.encode()).encode("latin-1")
        trusted = scope["trusted"] = hmac.compare_digest(shown, self.internal_token)
        inner = header_of(scope, b"x-luxe-request") if trusted else ""
        request_id = inner or header_of(scope, b"x-request-id") or new_id("req")
        above = header_of(scope, b"traceparent") if trusted else ""
        cookies = scope["cookies"] = _cookies(scope)
        locale = known_tag(cookies.get(LOCALE_COOKIE, "")) or negotiate(header_of(scope, b"accept-language"))
        started = time.perf_counter()
        status = 0
        etag = _Etag(scope, send) if scope["method"] == "GET" and scope["path"].startswith("/v1/") else None

        async def sending(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await (etag or send)(message)

        with (
            context.entered(context.Context(request_id=request_id, actor="nobody", locale=locale)),
            first_span(scope["method"], above, serves=True) as first,
        ):
            try:
                await self.app(scope, receive, sending)
            except Exception as error:
                log.error("request_failed", path=scope["path"], exc_info=error)
                if not status:
                    refusal = errors.Refusal("something went wrong on our side", code="internal", status=500)
                    await answer_refusal(sending, refusal)
            route = scope.get("path_template") or "other"
            name_answer(first, scope["method"], route, status)
        REQUESTS.labels(scope["method"], route, str(status)).observe(time.perf_counter() - started)


class _Etag:
    """Holds a 200 answer back until it is whole, adds a strong ETag unless it has one, and turns it into 304 if the
    caller has it."""

    def __init__(self, scope: Any, send: Any) -> None:
        self._scope = scope
        self._send = send
        self._start: Any = None
        self._body = b""

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            if message["status"] != 200:
                self._start = None
                await self._send(message)
            else:
                self._start = message
            return
        if self._start is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        start, self._start = self._start, None
        headers = list(start["headers"])
        tag = next((value.decode() for name, value in headers if name == b"etag"), "")
        if not tag:
            tag = entity_tag(self._body)
            headers.append((b"etag", tag.encode()))
        if not any(name == b"cache-control" for name, _ in headers):
            headers.append((b"cache-control", b"private, no-cache"))
        if tag in header_of(self._scope, b"if-none-match"):
            kept = [
                (name, value) for name, value in headers if name not in (b"content-length", b"content-type")
            ]
            await self._send({**start, "status": 304, "headers": kept})
            await self._send({"type": "http.response.body", "body": b""})
            return
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": self._body})


class PrincipalMiddleware:
    """Finds out who is asking: an API key or session token as a bearer, or the session cookie.

    Unsafe requests that ride on the cookie must come from our own origin (Fetch Metadata, else Origin).
    """

    def __init__(self, app: Any, house: House) -> None:
        self.app = app
        self.house = house
        self.origin = house.settings.public_url.rstrip("/")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        authorization = header_of(scope, b"authorization")
        bearer = authorization[7:] if authorization[:7].lower() == "bearer " else ""
        token = bearer or scope["cookies"].get(SESSION_COOKIE, "")
        if scope["method"] in UNSAFE and not bearer and not self._same_origin(scope):
            await answer_refusal(
                send, errors.Forbidden("this request comes from another site", code="cross_site")
            )
            return
        try:
            principal = await self.house.authenticator.principal(token) if token else NOBODY
        except errors.Refusal as refusal:
            await answer_refusal(send, refusal)
            return
        scope["principal"] = principal
        here = context.current()
        chosen = principal.locale if LOCALE_COOKIE not in scope["cookies"] else ""
        with context.entered(
            context.Context(
                request_id=here.request_id, actor=principal.subject or "nobody", locale=chosen or here.locale
            )
        ):
            await self.app(scope, receive, send)

    def _same_origin(self, scope: Any) -> bool:
        site = header_of(scope, b"sec-fetch-site")
        if site:
            return site in ("same-origin", "none")
        origin = header_of(scope, b"origin")
        return not origin or origin == self.origin


class RateLimitMiddleware:
    """A sliding window of a minute for each caller of `/v1`, told in the RateLimit headers (IETF draft, httpapi-ratelimit).

    `unlimited` paths prove who calls by a signature of their own, and one caller speaks there for many people.
    """

    def __init__(
        self, app: Any, per_minute: int, per_minute_nobody: int, unlimited: Collection[str] = ()
    ) -> None:
        self.app = app
        self._unlimited = frozenset(unlimited)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._known = RateLimitItemPerMinute(per_minute)
        self._nobody = RateLimitItemPerMinute(per_minute_nobody)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith("/v1/") or path in self._unlimited:
            await self.app(scope, receive, send)
            return
        principal: Principal = scope["principal"]
        item = self._known if principal.known else self._nobody
        caller = principal.credential or principal.subject or header_of(scope, b"x-forwarded-for") or "nobody"
        allowed = await self._limiter.hit(item, caller)
        window = await self._limiter.get_window_stats(item, caller)
        reset = max(1, int(window.reset_time - time.time()))
        told = [
            (b"ratelimit-limit", str(item.amount).encode()),
            (b"ratelimit-remaining", str(window.remaining).encode()),
            (b"ratelimit-reset", str(reset).encode()),
        ]
        if not allowed:
            refusal = errors.TooManyRequests("too many requests", retry_after=reset)
            await answer_refusal(send, refusal, [*told, (b"retry-after", str(reset).encode())])
            return

        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *told]
            await send(message)

        await self.app(scope, receive, sending)


class ExpressMiddleware:
    """Answers a GET whose encoded answer is at hand; the route behind answers, and refuses, everything else."""

    def __init__(self, app: Any, house: House) -> None:
        self.app = app
        self._express = house.express

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        ready = (
            self._express.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        )
        answer = ready(scope["principal"], scope["query_string"]) if ready is not None else None
        if answer is None:
            await self.app(scope, receive, send)
            return
        scope["path_template"] = scope["path"]
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(answer.body)).encode()),
            (b"etag", answer.tag.encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})
