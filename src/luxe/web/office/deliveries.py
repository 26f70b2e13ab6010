"""The house's tables of delivery, taxes and closed days; appointments and how many there are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import clock, i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.web.office.desk import office_page, operator
from luxe.web.parcels import method_text
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.views import Choice, Form, Link, page
from luxe.web.words import code_text

LONGEST_TABLE = 4_000_000
DAYS_AHEAD = 13
_METHODS = ("white_glove", "collect", "standard", "express")


def _titles(visitor: Visitor) -> dict[str, str]:
    _ = visitor.words.gettext
    return {
        "delivery": _("Ways of delivery"),
        "taxes": _("Duties and taxes"),
        "closed_days": _("Closed days"),
    }


@get("/office/delivery", include_in_schema=False)
async def tables(
    request: WebRequest, principal: Principal, house: House, shown: str = "delivery"
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    table = shown if shown in _titles(visitor) else "delivery"
    sheet = await site.fulfilment.sheet(table=table)
    return await _tables(request, site, visitor, table, Form(data={"sheet": sheet}), [])


async def _tables(
    request: WebRequest, site: Site, visitor: Visitor, table: str, form: Form, faults: list[Any]
) -> Response[str]:
    titles = _titles(visitor)
    view = page(
        title=titles[table],
        views=[
            *(
                Link(label=label, url=f"/office/delivery?shown={each}", current=each == table)
                for each, label in titles.items()
            ),
            Link(label=visitor.words.gettext("Appointments"), url="/office/appointments"),
        ],
        url=f"/office/delivery/{table}",
        faults=faults,
        longest=LONGEST_TABLE,
        form=form,
    )
    return await office_page(
        request, site, visitor, "office/delivery.html", view, 422 if form.summary else 200
    )


@post("/office/delivery/{table:str}", include_in_schema=False)
async def replace(
    table: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    """A table is longer than other fields, and must not be cut."""
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    given = (await request.form()).get("sheet", "")
    sheet = given if isinstance(given, str) else ""
    try:
        await site.fulfilment.replace_sheet(table=table, sheet=sheet, operator_id=visitor.id)
    except Refusal as refusal:
        if refusal.code != "table_invalid":
            raise
        _ = visitor.words.gettext
        form = Form(data={"sheet": sheet}, summary=_("The table has faults. Nothing has changed."))
        return await _tables(request, site, visitor, table, form, refusal.extra.get("errors", []))
    return see(f"/office/delivery?shown={table}", "saved")


@get("/office/appointments", include_in_schema=False)
async def appointments(
    request: WebRequest, principal: Principal, house: House, day: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    return await _appointments(request, *found, _day(day), Form(data={"day": _day(day).isoformat()}))


async def _appointments(
    request: WebRequest, site: Site, visitor: Visitor, day: date, form: Form
) -> Response[str]:
    def said(when: date) -> str:
        return i18n.format_date(when, visitor.locale, style="full")

    standing = await site.fulfilment.appointments(first=day, last=day)
    there = await site.fulfilment.capacities(first=day, last=day + timedelta(days=DAYS_AHEAD))
    view = page(
        day=said(day),
        days=[
            Link(
                label=i18n.format_date(each, visitor.locale, style="short"),
                url=f"/office/appointments?day={each.isoformat()}",
                current=each == day,
            )
            for each in (day + timedelta(days=ahead) for ahead in range(-1, 6))
        ],
        appointments=[
            page(
                time=f"{each.starts}–{each.ends}",
                place=each.place,
                method=method_text(visitor.words, each.method),
                order=each.order_id,
                order_url=f"/office/orders/{each.order_id}" if each.order_id else None,
            )
            for each in standing
        ],
        capacities=[
            page(
                day=said(each.day),
                time=f"{each.starts}–{each.ends}",
                place=each.place,
                method=method_text(visitor.words, each.method),
                taken=i18n.format_number(each.taken, visitor.locale),
                capacity=i18n.format_number(each.capacity, visitor.locale),
            )
            for each in there
        ],
        methods=[Choice(value=each, label=method_text(visitor.words, each)) for each in _METHODS],
        form=form,
    )
    return await office_page(
        request, site, visitor, "office/appointments.html", view, 422 if form.summary else 200
    )


@post("/office/appointments", include_in_schema=False)
async def put_capacity(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    day, number = _day(typed.get("day", "")), typed.get("capacity", "").strip()
    try:
        await site.fulfilment.put_capacity(
            method=typed.get("method", ""),
            place=typed.get("place", ""),
            day=day,
            starts=typed.get("starts", "").strip(),
            ends=typed.get("ends", "").strip(),
            capacity=int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else -1,
        )
    except Refusal as refusal:
        form = Form(data=typed, summary=code_text(visitor.words, refusal.code))
        return await _appointments(request, site, visitor, day, form)
    return see(f"/office/appointments?day={day.isoformat()}", "saved")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return clock.now().date()
