"""The HTTP edge: problem documents, who is asking, idempotent effects, ETags, rate limits, port endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.config.app import AppConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi import OpenAPIConfig
from litestar.params import Parameter
from litestar.types import ASGIApp
from sqlalchemy.exc import DBAPIError

from luxe.kernel import context, errors, telemetry
from luxe.kernel.auth import NOBODY, Principal
from luxe.kernel.house import House
from luxe.kernel.http_cards import refuse_card_numbers
from luxe.kernel.http_edges import (
    ExpressMiddleware,
    PrincipalMiddleware,
    RateLimitMiddleware,
    RequestMiddleware,
)
from luxe.kernel.http_guard import GuardMiddleware
from luxe.kernel.http_once import IdempotencyMiddleware
from luxe.kernel.ports import (
    Description,
    decode_request,
    describe,
    encode_error,
    encode_reply,
    internal_token,
)

PROBLEM = "application/problem+json"

log = structlog.get_logger()

__all__ = ["MediaType", "Page", "Parameter", "make_app", "page_of", "port_endpoint", "problem_response"]


class Page(msgspec.Struct, frozen=True):
    """A page of a listing; `next` is the cursor for the page after it, absent on the last."""

    items: list[Any]
    next: str | None = None


def page_of(items: list[Any], limit: int, cursor_of: Any) -> Page:
    """Cuts a listing that was asked for `limit + 1` rows."""
    more = len(items) > limit
    return Page(items=items[:limit], next=cursor_of(items[limit - 1]) if more else None)


def problem_response(refusal: errors.Refusal) -> Response[bytes]:
    headers = {"cache-control": "no-store"}
    if "retry_after" in refusal.extra:
        headers["retry-after"] = str(refusal.extra["retry_after"])
    if refusal.status == 401:
        headers["www-authenticate"] = "Bearer"
    body = msgspec.json.encode(refusal.problem() | {"request_id": context.current().request_id})
    return Response(content=body, status_code=refusal.status, media_type=PROBLEM, headers=headers)


def _on_refusal(_: Request[Any, Any, State], refusal: errors.Refusal) -> Response[bytes]:
    return problem_response(refusal)


def _on_validation(_: Request[Any, Any, State], error: ValidationException) -> Response[bytes]:
    found = error.extra if isinstance(error.extra, list) else []
    listed = [
        {"field": str(entry.get("key", "")), "message": str(entry.get("message", ""))}
        for entry in found
        if isinstance(entry, dict)
    ]
    in_body = any(
        isinstance(entry, dict) and entry.get("source") not in ("query", "path", "header", "cookie")
        for entry in found
    )
    if listed and not in_body:
        return problem_response(
            errors.BadRequest("a parameter is malformed", code="parameter_invalid", errors=listed)
        )
    return problem_response(errors.PayloadInvalid(error.detail, errors=listed))


def _on_http(_: Request[Any, Any, State], error: HTTPException) -> Response[bytes]:
    codes = {
        400: "bad_request",
        401: "unauthenticated",
        403: "forbidden",
        404: "not_found",
        405: "method_not_allowed",
        413: "payload_too_large",
        415: "unsupported_media_type",
    }
    code = codes.get(error.status_code, "refused")
    detail = "" if error.status_code >= 500 or error.status_code == 404 else error.detail
    answer = problem_response(errors.Refusal(detail, code=code, status=error.status_code))
    answer.headers.update(error.headers or {})
    return answer


def _on_database(request: Request[Any, Any, State], error: DBAPIError) -> Response[bytes]:
    refusal = _unfit(error)
    return problem_response(refusal) if refusal else _on_anything(request, error)


def _unfit(error: Exception) -> errors.Refusal | None:
    """A value that no column can take (SQLSTATE class 22, data exception) is the caller's mistake, not ours."""
    if isinstance(error, DBAPIError) and str(getattr(error.orig, "sqlstate", "")).startswith("22"):
        return errors.PayloadInvalid("a value is not one that can be kept", code="value_invalid")
    return None


def _on_anything(_: Request[Any, Any, State], error: Exception) -> Response[bytes]:
    log.error("request_failed", exc_info=error)
    return problem_response(errors.Refusal("something went wrong on our side", code="internal", status=500))


async def provide_principal(request: Request[Any, Any, State]) -> Principal:
    return request.scope.get("principal", NOBODY)  # type: ignore[return-value]


def port_endpoint(port: type, bound: Any) -> Any:
    """The Connect endpoint of a port served here. Other processes of the house send the internal token;
    an API key needs the scope `rpc:<service>`."""
    description: Description = describe(port)
    by_verb = {method.verb: method for method in description.methods.values()}
    scope = f"rpc:{description.service}"

    @post(
        f"/{description.full_name}/{{verb:str}}",
        include_in_schema=False,
        status_code=200,
        name=description.full_name,
    )
    async def call(request: Request[Any, Any, State], verb: str, principal: Principal) -> Response[bytes]:
        trusted = request.scope.get("trusted", False)
        try:
            if not trusted and not (principal.kind == "api_key" and scope in principal.scopes):
                raise errors.Forbidden(f"this needs an API key with the scope {scope}")
            method = by_verb.get(verb)
            if method is None:
                raise errors.NotFound("no such method", code="unimplemented")
            actor = request.headers.get("x-luxe-actor", "") if trusted else principal.subject
            here = context.Context(
                request_id=context.current().request_id,
                actor=actor or context.SYSTEM,
                locale=request.headers.get("x-luxe-locale") or "en",
            )
            with context.entered(here):
                reply = await getattr(bound, method.name)(**decode_request(method, await request.body()))
            return Response(content=encode_reply(method, reply), media_type=MediaType.JSON)
        except errors.Refusal as refusal:
            status, body = encode_error(refusal)
            return Response(content=body, status_code=status, media_type=MediaType.JSON)
        except Exception as error:
            refusal = _unfit(error)
            if refusal is None:
                log.error("port_failed", port=description.full_name, verb=verb, exc_info=error)
                refusal = errors.Refusal("failed", code="internal", status=500)
            status, body = encode_error(refusal)
            return Response(content=body, status_code=status, media_type=MediaType.JSON)

    return call


@get("/metrics", include_in_schema=False, media_type=MediaType.TEXT)
async def metrics() -> bytes:
    return telemetry.metrics()


@get("/healthz", include_in_schema=False)
async def healthz() -> dict[str, str]:
    return {"status": "serving"}


def make_app(
    house: House,
    handlers: Sequence[Any],
    openapi: OpenAPIConfig | None,
    exception_handlers: dict[Any, Any] | None = None,
    on_startup: Sequence[Any] = (),
    on_shutdown: Sequence[Any] = (),
) -> ASGIApp:
    """The ASGI application of one process. Every handler may take `house` and `principal`; one whose callers sign
    what they send says `opt={"signed": True}` and is not rate-limited; one of `/v1` for everybody, `{"open": True}`."""

    async def provide_house() -> House:
        return house

    app = Litestar.from_config(
        AppConfig(
            route_handlers=[*handlers, metrics, healthz],
            dependencies={
                "house": Provide(provide_house),
                "principal": Provide(provide_principal),
            },
            exception_handlers={
                errors.Refusal: _on_refusal,
                ValidationException: _on_validation,
                HTTPException: _on_http,
                DBAPIError: _on_database,
                Exception: _on_anything,
                **(exception_handlers or {}),
            },
            before_request=refuse_card_numbers,
            state=State({"house": house}),
            openapi_config=openapi,
            on_startup=list(on_startup),
            on_shutdown=list(on_shutdown),
            request_max_body_size=30_000_000,
            logging_config=None,
        )
    )
    wrapped: ASGIApp = IdempotencyMiddleware(app, house, app)
    wrapped = ExpressMiddleware(wrapped, house)
    signed = _paths_with("signed", handlers)
    wrapped = GuardMiddleware(wrapped, open_to_all=[*signed, *_paths_with("open", handlers)])
    wrapped = RateLimitMiddleware(
        wrapped, house.settings.rest_per_minute, house.settings.rest_per_minute_nobody, unlimited=signed
    )
    wrapped = PrincipalMiddleware(wrapped, house)
    return RequestMiddleware(wrapped, internal_token(house.settings.secret))


def _paths_with(mark: str, handlers: Sequence[Any]) -> list[str]:
    return [path for each in handlers if getattr(each, "opt", {}).get(mark) for path in each.paths]
