"""The innermost layer around the app: an unsafe call has its effect once, whatever happens to its answer."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Table, Update, bindparam, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import ReturningInsert

from luxe.kernel import clock, context, errors
from luxe.kernel.house import House
from luxe.kernel.http_edges import UNSAFE, answer_refusal, header_of
from luxe.kernel.http_guard import MAX_BODY, check_body

_KEY = re.compile(r"[\x21-\x7e]{1,200}")


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
        key = header_of(scope, b"idempotency-key")
        if not _KEY.fullmatch(key):
            await answer_refusal(
                send,
                errors.BadRequest(
                    "send an Idempotency-Key header of 1 to 200 visible ASCII characters",
                    code="idempotency_key_missing",
                ),
            )
            return
        body = await _read(receive)
        if (refusal := check_body(scope, body)) is not None:
            await answer_refusal(send, refusal)
            return
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
                fresh = await tx.execute(_claiming(table), values)
                if fresh.first() is None:
                    found = await tx.execute(
                        table.select().where(
                            table.c.caller == caller, table.c.route == route, table.c.key == key
                        )
                    )
                    answer.replay(found.one(), fingerprint)
                else:
                    await self.app(scope, _replayed(body), answer.take)
                    if answer.status >= 400:
                        raise _RolledBack
                    kept = _shown_once() if options.get("shown_once") else answer
                    stored = {"status": kept.status, "headers": kept.kept_headers(), "body": kept.body}
                    one = {"of_caller": caller, "of_route": route, "of_key": key}
                    await tx.execute(_answering(table), one | stored)
        except _RolledBack:
            pass
        except DBAPIError as error:
            if "lock timeout" not in str(error.orig):
                raise
            await answer_refusal(
                send,
                errors.Conflict("the first request with this key is still running", code="still_running"),
            )
            return
        await answer.give(send)


@cache
def _claiming(table: Table) -> ReturningInsert[Any]:
    return insert(table).on_conflict_do_nothing().returning(table.c.key)


@cache
def _answering(table: Table) -> Update:
    return update(table).where(
        table.c.caller == bindparam("of_caller"),
        table.c.route == bindparam("of_route"),
        table.c.key == bindparam("of_key"),
    )


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
        self.body = msgspec.json.encode(refusal.problem() | {"request_id": context.current().request_id})

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
        if not message.get("more_body") or len(body) > MAX_BODY:
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
