"""Ports: a contract's `Port` protocol, bound to the local object or to another process over HTTP.

A port call is an edge either way: it is one transaction of the callee, and only values cross it.
The remote form is Connect's unary convention: `POST /luxe.inventory.v1.Inventory/Hold` with a JSON body.
Source: the Connect protocol, "Unary-Request" and "Error codes".
"""

from __future__ import annotations

import hashlib
import hmac
import inspect
import time
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, Literal, get_type_hints

import httpx
import msgspec

from luxe.kernel import context, errors
from luxe.kernel.db import Database
from luxe.kernel.telemetry import PORT_CALLS, span, traceparent

Mode = Literal["command", "query", "single", "phased"]

CALL_SECONDS = 15.0
INTERNAL_HEADER = "luxe-internal"

_CONNECT_CODES = {
    400: "invalid_argument",
    401: "unauthenticated",
    403: "permission_denied",
    404: "not_found",
    409: "failed_precondition",
    410: "failed_precondition",
    412: "failed_precondition",
    422: "invalid_argument",
    429: "resource_exhausted",
    503: "unavailable",
    504: "deadline_exceeded",
}


class Method(msgspec.Struct, frozen=True):
    """One verb of a port. `request` is a Struct of its keyword arguments; `reply` its return type."""

    name: str
    verb: str
    mode: Mode
    request: type[msgspec.Struct]
    reply: Any
    wrapped: bool
    summary: str


class Description(msgspec.Struct, frozen=True):
    """What can be read off a `Port`: the service it belongs to and its verbs."""

    service: str
    full_name: str
    methods: dict[str, Method]


def internal_token(secret: str) -> str:
    """What processes of one house show each other; the gateway takes the header off whatever comes from outside."""
    return hmac.new(secret.encode(), b"internal", hashlib.sha256).hexdigest()


def pascal(snake: str) -> str:
    return "".join(part.capitalize() for part in snake.split("_"))


@cache
def describe(port: type) -> Description:
    """Derives requests and replies from the signatures. A reply that is no Struct travels as `{"value": …}`."""
    service = port.__module__.split(".")[-2]
    methods: dict[str, Method] = {}
    for name, function in inspect.getmembers(port, inspect.isfunction):
        if name.startswith("_") or not inspect.iscoroutinefunction(function):
            continue
        hints = get_type_hints(function)
        reply = hints.pop("return")
        fields: list[Any] = []
        for parameter in list(inspect.signature(function).parameters.values())[1:]:
            kind = hints[parameter.name]
            if parameter.default is inspect.Parameter.empty:
                fields.append((parameter.name, kind))
            else:
                fields.append((parameter.name, kind, parameter.default))
        verb = pascal(name)
        request = msgspec.defstruct(
            f"{verb}Request", fields, kw_only=True, frozen=True, module=port.__module__
        )
        struct = isinstance(reply, type) and issubclass(reply, msgspec.Struct)
        methods[name] = Method(
            name=name,
            verb=verb,
            mode=getattr(function, "__luxe_mode__", "command"),
            request=request,
            reply=reply,
            wrapped=not struct,
            summary=(inspect.getdoc(function) or "").split("\n")[0],
        )
    return Description(service=service, full_name=f"luxe.{service}.v1.{pascal(service)}", methods=methods)


class Bound:
    """A port whose methods are attributes made by a binding."""

    def __init__(
        self, description: Description, make: Callable[[Method], Callable[..., Awaitable[Any]]]
    ) -> None:
        self._description = description
        for method in description.methods.values():
            setattr(self, method.name, make(method))


def bind_local(port: type, implementation: Any, database: Database | None) -> Any:
    """Binds to an object of this process. Raises whatever refusal the object raises."""
    description = describe(port)

    def make(method: Method) -> Callable[..., Awaitable[Any]]:
        target = getattr(implementation, method.name)
        timer = PORT_CALLS.labels(description.service, method.name, "local")

        async def call(**arguments: Any) -> Any:
            started = time.perf_counter()
            try:
                with span(f"{description.full_name}/{method.verb}"):
                    if database is None:
                        return await target(**arguments)
                    if method.mode == "query":
                        async with database.reading():
                            return await target(**arguments)
                    if method.mode == "single":
                        async with database.alone():
                            return await target(**arguments)
                    if method.mode == "phased":
                        async with database.apart():
                            return await target(**arguments)
                    async with database.transaction():
                        return await target(**arguments)
            finally:
                timer.observe(time.perf_counter() - started)

        return call

    return Bound(description, make)


def bind_http(port: type, base_url: str, internal_token: str, client: httpx.AsyncClient) -> Any:
    """Binds to the process at `base_url`. No answer in time raises `DeadlineExceeded`: it may have happened."""
    description = describe(port)

    def make(method: Method) -> Callable[..., Awaitable[Any]]:
        url = f"{base_url}/{description.full_name}/{method.verb}"
        timer = PORT_CALLS.labels(description.service, method.name, "http")

        async def call(**arguments: Any) -> Any:
            here = context.current()
            headers = {
                "content-type": "application/json",
                INTERNAL_HEADER: internal_token,
                "x-luxe-request": here.request_id,
                "x-luxe-actor": here.actor,
                "x-luxe-locale": here.locale,
            }
            started = time.perf_counter()
            with span(f"{description.full_name}/{method.verb}"):
                headers |= traceparent()
                try:
                    answer = await client.post(
                        url, content=msgspec.json.encode(arguments), headers=headers, timeout=CALL_SECONDS
                    )
                except httpx.ConnectError as error:
                    raise errors.Unavailable(f"{description.service} does not answer") from error
                except httpx.TransportError as error:
                    raise errors.DeadlineExceeded(f"{description.service} gave no answer in time") from error
                finally:
                    timer.observe(time.perf_counter() - started)
            return decode_reply(method, answer.status_code, answer.content)

        return call

    return Bound(description, make)


def decode_request(method: Method, body: bytes) -> dict[str, Any]:
    """Keyword arguments from a JSON body; whole numbers may come as strings, as proto3 JSON writes 64-bit ones.

    Raises `PayloadInvalid`.
    """
    try:
        request = msgspec.json.decode(body or b"{}", type=method.request, strict=False)
    except msgspec.ValidationError as error:
        raise errors.PayloadInvalid(str(error)) from error
    except msgspec.DecodeError as error:
        raise errors.BadRequest(f"the body is not JSON: {error}") from error
    return {field: getattr(request, field) for field in request.__struct_fields__}


def encode_reply(method: Method, reply: Any) -> bytes:
    return msgspec.json.encode({"value": reply} if method.wrapped else reply)


def decode_reply(method: Method, status: int, body: bytes) -> Any:
    if status == 200:
        if method.wrapped:
            return msgspec.convert(msgspec.json.decode(body).get("value"), method.reply, strict=False)
        return msgspec.json.decode(body, type=method.reply, strict=False)
    try:
        problem = msgspec.json.decode(body)["details"][0]
    except (msgspec.DecodeError, KeyError, IndexError, TypeError) as error:
        raise errors.Unavailable(f"answered {status} without a problem") from error
    raise errors.from_problem(problem)


def encode_error(refusal: errors.Refusal) -> tuple[int, bytes]:
    """HTTP status and Connect error body; our own problem document rides in `details`."""
    code = _CONNECT_CODES.get(refusal.status, "unknown")
    body = {"code": code, "message": refusal.detail or refusal.code, "details": [refusal.problem()]}
    return refusal.status, msgspec.json.encode(body)
