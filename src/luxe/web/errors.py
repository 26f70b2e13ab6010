"""What people see when something is not there, not theirs, or broken. Machines get problem documents elsewhere."""

from __future__ import annotations

from typing import Any

import structlog
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from luxe.kernel import context
from luxe.kernel.auth import NOBODY, Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.web.site import Site, security_headers
from luxe.web.views import page

log = structlog.get_logger()

_SHOWN = (403, 404, 409, 410, 422, 429, 500, 503)


async def _error_page(request: Request[Any, Any, State], status: int, code: str = "") -> Response[Any]:
    """A stranger's wrong address is answered like every other of the house's: with the door."""
    house: House = request.app.state.house
    principal: Principal = request.scope.get("principal", NOBODY)  # type: ignore[assignment]
    if not principal.known and status == 404:
        return Redirect("/", status_code=303)
    site: Site = house.kept[Site]
    visitor = await site.visitor(request, principal)
    view = page(
        code="card" if code == "card_number_refused" else status if status in _SHOWN else 500,
        request_id=context.current().request_id if status >= 500 else None,
        again_text=None,
        back_url=None,
    )
    return await site.page(request, visitor, "storefront/errors/error.html", view, status=status)


class _LatePage(Response[Any]):
    """Litestar's exception handlers are synchronous; the page is made when the answer is sent."""

    def __init__(self, request: Request[Any, Any, State], status: int, code: str = "") -> None:
        super().__init__(None, status_code=status)
        self._code = code
        self._request = request
        self._status = status

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        async def send_page(scope: Any, receive: Any, send: Any) -> None:
            try:
                answer = await _error_page(self._request, self._status, self._code)
            except Exception as error:  # the page of errors must not need what is broken
                log.error("error_page_failed", exc_info=error)
                text = "<!doctype html><title>LUXE</title><p>The house is being prepared. Please try again shortly."
                answer = Response(text, status_code=503, media_type="text/html", headers=security_headers(""))
            await answer.to_asgi_response(app=None, request=self._request)(scope, receive, send)

        return send_page


def on_refusal(request: Request[Any, Any, State], refusal: Refusal) -> Response[Any]:
    status = {400: 422, 401: 403, 504: 503}.get(refusal.status, refusal.status)
    return _LatePage(request, status, refusal.code)


def on_http(request: Request[Any, Any, State], error: HTTPException) -> Response[Any]:
    return _LatePage(
        request, {400: 422, 401: 403, 405: 404, 413: 422}.get(error.status_code, error.status_code)
    )


def on_anything(request: Request[Any, Any, State], error: Exception) -> Response[Any]:
    log.error("page_failed", path=request.url.path, exc_info=error)
    return _LatePage(request, 500)
