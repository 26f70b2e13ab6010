"""Documents that anybody may read: privacy, withdrawal, terms; and how to reach a person."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from litestar import Response, get
from markupsafe import Markup

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.house import House
from luxe.web.site import Site, WebRequest
from luxe.web.views import page

UPDATED = date(2026, 11, 22)
_PAPERS = Path(__file__).parent / "papers"
_FOLDERS = {"zh-CN": "zh_Hans", "zh-TW": "zh_Hans"}


@cache
def _paper(name: str, locale: str) -> tuple[str, str]:
    """Title and body of a document; the file's first line is its title."""
    folder = _PAPERS / _FOLDERS.get(locale, locale)
    path = folder / f"{name}.html"
    text = (path if path.exists() else _PAPERS / "en" / f"{name}.html").read_text(encoding="utf-8")
    title, _, body = text.partition("\n")
    return title, body


@get(["/privacy", "/withdrawal", "/terms", "/advisor"], include_in_schema=False)
async def document(request: WebRequest, principal: Principal, house: House) -> Response[str]:
    site: Site = house.kept[Site]
    visitor = await site.visitor(request, principal)
    title, body = _paper(request.url.path.strip("/"), visitor.locale)
    updated = i18n.format_date(UPDATED, visitor.locale)
    view = page(title=title, updated=updated, body_html=Markup(body))  # noqa: S704 - our own file
    return await site.page(request, visitor, "storefront/document.html", view)
