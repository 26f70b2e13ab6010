"""Where pieces are kept: added, changed, closed."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.services.inventory.contract import Location
from luxe.web.office.desk import office_page, operator
from luxe.web.office.stock_words import place_text, stock_refusal_text
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.views import Choice, Form, page


@get("/office/locations", include_in_schema=False)
async def locations(request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    return found if isinstance(found, Redirect) else await _locations(request, *found, Form())


async def _locations(request: WebRequest, site: Site, visitor: Visitor, form: Form) -> Response[str]:
    _ = visitor.words.gettext
    view = page(
        rows=[
            page(
                code=each.code,
                name=each.name,
                kind=place_text(visitor.words, each.kind),
                country=each.country,
                state=_("Open") if each.active else _("Closed"),
            )
            for each in await site.inventory.locations()
        ],
        kinds=[
            Choice(value=each, label=place_text(visitor.words, each))
            for each in ("warehouse", "boutique", "brand")
        ],
        form=form,
    )
    status = 422 if form.summary else 200
    return await office_page(request, site, visitor, "office/locations.html", view, status)


@post("/office/locations", include_in_schema=False)
async def put_location(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    place = Location(
        code=typed.get("code", "").strip(),
        name=typed.get("name", "").strip(),
        kind=typed.get("kind", ""),
        country=typed.get("country", "").strip().upper(),
        active=not typed.get("closed"),
    )
    try:
        await site.inventory.put_location(location=place)
    except Refusal as refusal:
        form = Form(data=typed, summary=stock_refusal_text(visitor.words, refusal))
        return await _locations(request, site, visitor, form)
    return see("/office/locations", "saved")
