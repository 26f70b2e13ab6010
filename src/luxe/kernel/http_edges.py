"""ASGI layers around the app, outermost first: request context, principal, rate limits, idempotent effects."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie
from typing import Any

import msgspec
import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from luxe.kernel import clock, context, errors
from luxe.kernel.auth import NOBODY, Principal
from luxe.kernel.house import House
from luxe.kernel.i18n import known_tag, negotiate
from luxe.kernel.ids import new_id
from luxe.kernel.telemetry import REQUESTS

log = structlog.get_logger()

SESSION_COOKIE = "luxe_session"
LOCALE_COOKIE = "luxe_locale"
UNSAFE = frozenset(("POST", "PUT", "PATCH", "DELETE"))
PER_MINUTE = 1_200
PER_MINUTE_NOBODY = 240


def _header(scope: Any, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""


def _cookies(scope: Any) -> dict[str, str]:
    raw = _header(scope, b"cookie")
    if not raw:
        return {}
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(raw).items()}
    except CookieError:
        return {}


async def _answer(
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


class RequestMiddleware:
    """Gives each request an id (Envoy's, if it has one) and a locale, answers conditional reads, and measures."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _header(scope, b"x-request-id") or new_id("req")
        cookies = scope["cookies"] = _cookies(scope)
        locale = known_tag(cookies.get(LOCALE_COOKIE, "")) or negotiate(_header(scope, b"accept-language"))
        started = time.perf_counter()
        status = 0
        etag = _Etag(scope, send) if scope["method"] == "GET" and scope["path"].startswith("/v1/") else None

        async def sending(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await (etag or send)(message)

        with context.entered(context.Context(request_id=request_id, actor="nobody", locale=locale)):
            try:
                await self.app(scope, receive, sending)
            except Exception as error:
                log.error("request_failed", path=scope["path"], exc_info=error)
                if not status:
                    refusal = errors.Refusal("something went wrong on our side", code="internal", status=500)
                    await _answer(sending, refusal)
        route = scope.get("path_template") or "other"
        REQUESTS.labels(scope["method"], route, str(status)).observe(time.perf_counter() - started)


class _Etag:
    """Holds a 200 answer back until it is whole, adds a strong ETag, and turns it into 304 if the caller has it."""

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
        tag = f'"{hashlib.blake2b(self._body, digest_size=12).hexdigest()}"'
        headers = [*start["headers"], (b"etag", tag.encode())]
        if not any(name == b"cache-control" for name, _ in headers):
            headers.append((b"cache-control", b"private, no-cache"))
        if tag in _header(self._scope, b"if-none-match"):
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
        authorization = _header(scope, b"authorization")
        bearer = authorization[7:] if authorization[:7].lower() == "bearer " else ""
        token = bearer or scope["cookies"].get(SESSION_COOKIE, "")
        if scope["method"] in UNSAFE and not bearer and not self._same_origin(scope):
            await _answer(send, errors.Forbidden("this request comes from another site", code="cross_site"))
            return
        try:
            principal = await self.house.authenticator.principal(token) if token else NOBODY
        except errors.Refusal as refusal:
            await _answer(send, refusal)
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
        site = _header(scope, b"sec-fetch-site")
        if site:
            return site in ("same-origin", "none")
        origin = _header(scope, b"origin")
        return not origin or origin == self.origin


class RateLimitMiddleware:
    """A moving window a minute for each caller of `/v1`, told in the RateLimit headers (IETF draft, httpapi-ratelimit).

    `unlimited` paths prove who calls by a signature of their own, and one caller speaks there for many people.
    """

    def __init__(self, app: Any, per_minute: int = PER_MINUTE, unlimited: Collection[str] = ()) -> None:
        self.app = app
        self._unlimited = frozenset(unlimited)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._known = RateLimitItemPerMinute(per_minute)
        self._nobody = RateLimitItemPerMinute(PER_MINUTE_NOBODY)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith("/v1/") or path in self._unlimited:
            await self.app(scope, receive, send)
            return
        principal: Principal = scope["principal"]
        item = self._known if principal.known else self._nobody
        caller = principal.credential or principal.subject or _header(scope, b"x-forwarded-for") or "nobody"
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
            await _answer(send, refusal, [*told, (b"retry-after", str(reset).encode())])
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
        ready = self._express.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        body = ready(scope["principal"], scope["query_string"]) if ready is not None else None
        if body is None:
            await self.app(scope, receive, send)
            return
        scope["path_template"] = scope["path"]
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class IdempotencyMiddleware:
    """An unsafe call to `/v1` carries an Idempotency-Key; its answer is stored in the transaction of its effect.

    400 without a key, 422 when the key was used for another request, 409 while the first is running.
    The transaction belongs to the service that the route names with `opt={"service": …}`. With `"shown_once": True`
    the answer holds a secret and is not stored: the same key again is told 409.
    """

    def __init__(self, app: Any, house: House, router: Any) -> None:
        self.app = app
        self.house = house
        self._owned: list[tuple[str, Any, dict[str, Any]]] = [
            (method, route.path_components, handler.opt)
            for route in router.routes
            for method, (handler, _) in getattr(route, "route_handler_map", {}).items()
            if "service" in handler.opt
        ]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] not in UNSAFE or not scope["path"].startswith("/v1/"):
            await self.app(scope, receive, send)
            return
        options = self._options_of(scope)
        if options is None:
            await self.app(scope, receive, send)
            return
        principal: Principal = scope["principal"]
        if not principal.known:
            await _answer(
                send,
                errors.Unauthenticated("sign in, or send an API key as a bearer token"),
                [(b"www-authenticate", b"Bearer")],
            )
            return
        key = _header(scope, b"idempotency-key")
        if not 1 <= len(key) <= 200:
            await _answer(
                send,
                errors.BadRequest(
                    "send an Idempotency-Key header of 1 to 200 characters", code="idempotency_key_missing"
                ),
            )
            return
        body = await _read(receive)
        await self._once(options, scope, key, body, send)

    def _options_of(self, scope: Any) -> dict[str, Any] | None:
        parts = scope["path"].strip("/").split("/")
        return next(
            (
                options
                for method, pattern, options in self._owned
                if method == scope["method"] and _matches(pattern, parts)
            ),
            None,
        )

    async def _once(self, options: dict[str, Any], scope: Any, key: str, body: bytes, send: Any) -> None:
        database = self.house.database(options["service"])
        table = database.metadata.tables[f"{database.schema}.idempotency"]
        caller = scope["principal"].subject
        route = f"{scope['method']} {scope['path']}"
        fingerprint = hashlib.sha256(scope.get("query_string", b"") + b"\0" + body).hexdigest()
        answer = _Captured()
        try:
            async with database.transaction() as tx:
                values = {
                    "caller": caller,
                    "route": route,
                    "key": key,
                    "fingerprint": fingerprint,
                    "at": clock.now(),
                }
                fresh = await tx.execute(
                    insert(table).values(values).on_conflict_do_nothing().returning(table.c.key)
                )
                if fresh.first() is None:
                    found = (
                        await tx.execute(
                            table.select().where(
                                table.c.caller == caller, table.c.route == route, table.c.key == key
                            )
                        )
                    ).one()
                    answer.replay(found, fingerprint)
                else:
                    await self.app(scope, _replayed(body), answer.take)
                    if answer.status >= 400:
                        raise _RolledBack
                    kept = _shown_once() if options.get("shown_once") else answer
                    await tx.execute(
                        update(table)
                        .where(table.c.caller == caller, table.c.route == route, table.c.key == key)
                        .values(status=kept.status, headers=kept.kept_headers(), body=kept.body)
                    )
        except _RolledBack:
            pass
        except DBAPIError as error:
            if "lock timeout" not in str(error.orig):
                raise
            await _answer(
                send,
                errors.Conflict("the first request with this key is still running", code="still_running"),
            )
            return
        await answer.give(send)


class _RolledBack(Exception):
    """The handler refused; nothing of it may stay."""


class _Captured:
    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def take(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    def replay(self, found: Any, fingerprint: str) -> None:
        if found.fingerprint != fingerprint:
            self.refuse(
                errors.PayloadInvalid("this key was used for another request", code="idempotency_key_reused")
            )
            return
        self.status = found.status
        self.headers = [(name.encode(), value.encode()) for name, value in found.headers.items()]
        self.headers.append((b"idempotency-replayed", b"true"))
        self.body = found.body

    def refuse(self, refusal: errors.Refusal) -> None:
        self.status = refusal.status
        self.headers = [(b"content-type", b"application/problem+json")]
        self.body = msgspec.json.encode(refusal.problem())

    def kept_headers(self) -> dict[str, str]:
        keep = (b"content-type", b"location", b"etag")
        return {name.decode(): value.decode() for name, value in self.headers if name.lower() in keep}

    async def give(self, send: Any) -> None:
        headers = [(name, value) for name, value in self.headers if name.lower() != b"content-length"]
        headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def _shown_once() -> _Captured:
    """What is kept of an answer that held a secret."""
    kept = _Captured()
    kept.refuse(errors.Conflict("this was done; its answer is shown only once", code="shown_once"))
    return kept


def _matches(pattern: Any, parts: list[str]) -> bool:
    return len(pattern) == len(parts) and all(
        not isinstance(wanted, str) or wanted == given for wanted, given in zip(pattern, parts, strict=True)
    )


async def _read(receive: Any) -> bytes:
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return body
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


def _replayed(body: bytes) -> Any:
    sent = False

    async def receive() -> Any:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
