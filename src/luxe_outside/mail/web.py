"""The HTTP side: a quiet mailbox to read in, a JSON API and the tests' side door."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response, Router, delete, get, post

from luxe_outside.database import Database

from . import reading, store
from .sink import MailFaults, Sink

_FOLDER = Path(__file__).parent / "templates"
_TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'"
_MESSAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
_LINKS_OUTSIDE = '<base target="_blank">'
PAGE_LENGTH = 200


def _page(template: str, status: int = 200, **context: Any) -> Response[str]:
    html = _TEMPLATES.get_template(template).render(**context)
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=_headers(_PAGE_POLICY))


def _headers(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _json(content: Any, status: int = 200) -> Response[bytes]:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")


def _refusal(status: int, code: str, message: str) -> Response[bytes]:
    return _json({"code": code, "message": message}, status)


def _db(request: Request[Any, Any, Any]) -> Database:
    return request.app.state.db


def _find(request: Request[Any, Any, Any], message_id: str) -> store.Received | None:
    return _db(request).read(lambda tx: store.find_message(tx, message_id))


def _when(received: float) -> str:
    return datetime.fromtimestamp(received, UTC).strftime("%d %b %Y, %H:%M:%S UTC")


_TEMPLATES.filters["when"] = _when


@get(["/mail", "/mail/"])
async def show_list(request: Request[Any, Any, Any], q: str = "") -> Response[str]:
    db = _db(request)
    found = db.read(lambda tx: store.list_messages(tx, containing=q, limit=PAGE_LENGTH))
    return _page("list.html", messages=found, q=q, total=db.read(store.count_messages))


@get("/mail/messages/{message_id:str}")
async def show_message(request: Request[Any, Any, Any], message_id: str, part: str = "") -> Response[str]:
    stored = _find(request, message_id)
    if stored is None:
        return _page("missing.html", 404)
    message = reading.read(stored)
    shown = part if part in ("text", "html", "headers") else "html" if message.html is not None else "text"
    return _page("message.html", message=message, part=shown)


@get("/mail/messages/{message_id:str}/html")
async def show_html(request: Request[Any, Any, Any], message_id: str) -> Response[str]:
    """The HTML part for the sandboxed frame: no script, nothing from elsewhere, links open outside."""
    stored = _find(request, message_id)
    if stored is None:
        return _page("missing.html", 404)
    html = _LINKS_OUTSIDE + (reading.read(stored).html or "")
    return Response(html, media_type=MediaType.HTML, headers=_headers(_MESSAGE_POLICY))


@get("/mail/messages/{message_id:str}/raw")
async def show_raw(request: Request[Any, Any, Any], message_id: str) -> Response[Any]:
    stored = _find(request, message_id)
    if stored is None:
        return _page("missing.html", 404)
    return Response(stored.raw, media_type="text/plain", headers=_headers(_PAGE_POLICY))


@get("/mail/style.css", sync_to_thread=False)
def show_style() -> Response[str]:
    return Response((_FOLDER / "style.css").read_text(), media_type=MediaType.CSS)


@get("/mail/api/messages")
async def list_messages(
    request: Request[Any, Any, Any], to: str | None = None, after: str | None = None, limit: int = PAGE_LENGTH
) -> Response[bytes]:
    """Newest first. `to` is one whole address; `after` is a message id or a Unix time in seconds."""
    try:
        since = _since(request, after)
    except ValueError:
        return _refusal(422, "invalid_request", "`after` is a message id or a Unix time in seconds")
    count = max(1, min(limit, store.CAPACITY))
    found = _db(request).read(lambda tx: store.list_messages(tx, to=to, after=since, limit=count))
    return _json({"data": found})


def _since(request: Request[Any, Any, Any], after: str | None) -> float:
    if after is None:
        return 0.0
    stored = _find(request, after) if after.startswith("m_") else None
    return stored.received if stored is not None else float(after)


@get("/mail/api/messages/{message_id:str}")
async def get_message(request: Request[Any, Any, Any], message_id: str) -> Response[bytes]:
    stored = _find(request, message_id)
    if stored is None:
        return _refusal(404, "unknown_message", "no such message")
    return _json(reading.read(stored))


@delete("/mail/api/messages", status_code=200)
async def delete_messages(request: Request[Any, Any, Any]) -> Response[bytes]:
    return _json({"deleted": await _db(request).write(store.delete_messages)})


@get("/mail/control/faults")
async def read_faults(request: Request[Any, Any, Any]) -> Response[bytes]:
    return _json(request.app.state.sink.faults)


@post("/mail/control/faults", status_code=200)
async def order_faults(request: Request[Any, Any, Any]) -> Response[bytes]:
    sink: Sink = request.app.state.sink
    try:
        sink.faults = msgspec.json.decode(await request.body(), type=MailFaults)
    except msgspec.DecodeError as error:
        return _refusal(422, "invalid_request", str(error))
    return _json(sink.faults)


@delete("/mail/control/faults", status_code=200)
async def clear_faults(request: Request[Any, Any, Any]) -> Response[bytes]:
    sink: Sink = request.app.state.sink
    sink.faults = MailFaults()
    return _json(sink.faults)


@get("/mail/health", sync_to_thread=False)
def health() -> dict[str, str]:
    return {"status": "ok"}


router = Router(
    path="/",
    route_handlers=[
        show_list,
        show_message,
        show_html,
        show_raw,
        show_style,
        list_messages,
        get_message,
        delete_messages,
        read_faults,
        order_faults,
        clear_faults,
        health,
    ],
)
