"""The edge where card numbers are turned away: every route of every surface comes by here before its handler."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import msgspec
from litestar import Request

from luxe.kernel import errors
from luxe.kernel.cards import has_card_number
from luxe.kernel.http_edges import UNSAFE, header_of

_UNREAD = ("authorization", "cookie")
"""Headers that nobody types into; a cookie's values are our own."""
_TEXT_OF_A_PART = 100_000


def refusal() -> errors.Refusal:
    return errors.BadRequest(
        "this looks like the number of a payment card; card numbers are typed on the payment provider's page alone",
        code="card_number_refused",
    )


async def refuse_card_numbers(request: Request[Any, Any, Any]) -> None:
    """Raises `BadRequest` (`card_number_refused`) for one in the address, a header or the body. What processes of this
    house say to each other is not looked at, nor what a payment provider signs; most of what comes to
    `/v1` was looked at already, before its key was written down."""
    scope: Any = request.scope
    if scope.get("trusted") or request.route_handler.opt.get("signed"):
        return
    known = scope.get("looked_for_cards", ())
    found = "address" not in known and is_in_address(scope)
    if not found and "body" not in known and request.method in UNSAFE:
        found = is_in_body(scope, await request.body())
    if found:
        scope["holds_card_number"] = True
        raise refusal()


def is_in_address(scope: Any) -> bool:
    """Path, query or headers."""
    _note(scope, "address")
    return any(has_card_number(text) for texts in (_address(scope), _headers(scope)) for text in texts)


def is_in_body(scope: Any, body: bytes) -> bool:
    _note(scope, "body")
    return any(has_card_number(text) for text in _body(header_of(scope, b"content-type"), body))


def _note(scope: Any, what: str) -> None:
    scope["looked_for_cards"] = (*scope.get("looked_for_cards", ()), what)


def _address(scope: Any) -> Iterator[str]:
    yield from scope["path"].split("/")
    query = scope.get("query_string", b"").decode("latin-1")
    if query:
        yield unquote_plus(query)


def _headers(scope: Any) -> Iterator[str]:
    for name, value in scope["headers"]:
        if len(value) >= 14 and name.decode("latin-1").lower() not in _UNREAD:
            yield unquote_plus(value.decode("utf-8", "replace"))


def _body(kind: str, body: bytes) -> Iterator[str]:
    """The texts of a body: of JSON also what is written in escapes, of a form each field, of files their names."""
    kind = kind.partition(";")[0].strip().lower()
    if kind.startswith("multipart/"):
        yield from _parts(body)
        return
    text = body.decode("utf-8", "replace")
    if kind == "application/x-www-form-urlencoded":
        for name, value in parse_qsl(text, keep_blank_values=True):
            yield name
            yield value
        return
    yield text
    if "\\u" in text:
        yield from _strings(text)


def _strings(text: str) -> Iterator[str]:
    """JSON with its escapes read. What is no JSON is somebody else's refusal."""
    try:
        decoded = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return
    waiting = [decoded]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value


def _parts(body: bytes) -> Iterator[str]:
    """The head of each part, where a file's name stands, and what it holds if it is short enough to have been typed."""
    for part in body.split(b"\r\n--"):
        head, _, content = part.partition(b"\r\n\r\n")
        yield head[:4_000].decode("utf-8", "replace")
        if b"filename=" not in head:
            yield content[:_TEXT_OF_A_PART].decode("utf-8", "replace")
