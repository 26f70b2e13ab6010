"""Stock as the office sees it: pieces, and of one piece its units, where they are, and what is done about them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import NotFound, Refusal
from luxe.kernel.house import House
from luxe.kernel.ids import new_id
from luxe.services.catalog.contract import Document, VariantLine
from luxe.services.inventory.contract import Availability, Movement, Transfer, Unit
from luxe.services.search.contract import Query
from luxe.web.office.desk import cursor_pages, moment, office_page, operator
from luxe.web.office.stock_words import change_text, stock_refusal_text, unit_text
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.views import Choice, Form, page

_PIECES, _UNITS, _MOVEMENTS = 25, 50, 25
_CHANGES = ("receive", "arrive", "found", "lost", "damaged", "count")


@get("/office/stock", include_in_schema=False)
async def stock(
    request: WebRequest, principal: Principal, house: House, q: str = "", cursor: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    wanted = q.strip()
    named = await _named(site, wanted) if wanted else ""
    if named:
        return Redirect(f"/office/stock/{named}", status_code=303)
    documents, following = await _documents(site, visitor, wanted, cursor)
    variants = [variant for document in documents for variant in document.variant_ids]
    counted = {each.variant_id: each for each in await site.inventory.availability(variant_ids=variants)}
    lines = await site.catalog.lines(variant_ids=variants, locale=visitor.locale)
    base = f"/office/stock?q={quote(wanted)}" if wanted else "/office/stock"
    view = page(
        query=wanted,
        rows=[_row(visitor, line, counted[line.variant_id]) for line in lines],
        pages=cursor_pages(base, cursor, following),
    )
    return await office_page(request, site, visitor, "office/stock.html", view)


async def _named(site: Site, wanted: str) -> str:
    """The variant whose id or whose unit's serial number this is."""
    if wanted.startswith("var_"):
        return wanted if await site.catalog.lines(variant_ids=[wanted], locale="en") else ""
    units = (await site.inventory.units(serial=wanted)).items
    return units[0].variant_id if units else ""


async def _documents(
    site: Site, visitor: Visitor, wanted: str, cursor: str
) -> tuple[list[Document], str | None]:
    if not wanted:
        listed = await site.catalog.documents(cursor=cursor, limit=_PIECES)
        return listed.items, listed.next
    offset = int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 6 else 0
    query = Query(text=wanted[:200], offset=offset, limit=_PIECES, locale=visitor.locale)
    result = await site.search.search(query=query)
    if not result.product_ids:
        return [], None
    listed = await site.catalog.documents(product_ids=result.product_ids, limit=_PIECES)
    beyond = offset + len(result.product_ids)
    return listed.items, str(beyond) if beyond < result.total else None


def _row(visitor: Visitor, line: VariantLine, counted: Availability) -> Any:
    return page(
        url=f"/office/stock/{line.variant_id}",
        name=line.title,
        house=line.brand,
        detail=line.label,
        sku=line.sku,
        on_hand=_number(visitor, counted.on_hand),
        held=_number(visitor, counted.held),
        in_transit=_number(visitor, counted.in_transit),
        expected=_number(visitor, counted.expected),
        available=_number(visitor, counted.available),
    )


def _number(visitor: Visitor, value: int) -> str:
    return i18n.format_number(value, visitor.locale)


@get("/office/stock/{variant_id:str}", include_in_schema=False)
async def piece(
    variant_id: str, request: WebRequest, principal: Principal, house: House, cursor: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    return await _piece(request, *found, variant_id, cursor=cursor)


async def _piece(
    request: WebRequest,
    site: Site,
    visitor: Visitor,
    variant_id: str,
    *,
    form: Form | None = None,
    failed: str = "",
    cursor: str = "",
) -> Response[str]:
    """`failed` names the form that `form` belongs to."""
    lines = await site.catalog.lines(variant_ids=[variant_id], locale=visitor.locale)
    if not lines:
        raise NotFound
    (counted,) = await site.inventory.availability(variant_ids=[variant_id])
    (waiting,) = await site.bag.waiting(variant_ids=[variant_id])
    places = await site.inventory.locations()
    names = {each.code: each.name for each in places}
    units = await site.inventory.units(variant_id=variant_id, cursor=cursor, limit=_UNITS)
    moves = await site.inventory.movements(variant_id=variant_id, limit=_MOVEMENTS)
    people = await _people(site, moves.items)
    moving = await site.inventory.transfers(state="in_transit", limit=100)
    base = f"/office/stock/{variant_id}"
    form = form or Form()
    view = page(
        url=base,
        title=lines[0].title,
        house=lines[0].brand,
        detail=lines[0].label,
        sku=lines[0].sku,
        facts=_facts(visitor, counted, waiting.people),
        places=[
            page(
                name=names[each.location],
                counts=[
                    _number(visitor, number)
                    for number in (each.free, each.held, each.in_transit, each.expected)
                ],
            )
            for each in await site.inventory.stock(variant_ids=[variant_id])
        ],
        units=[_unit(visitor, each, names) for each in units.items],
        pages=cursor_pages(base, cursor, units.next),
        moves=[_movement(visitor, each, names, people) for each in moves.items],
        transfers=[_transfer(visitor, each, names) for each in moving.items if each.variant_id == variant_id],
        locations=[
            Choice(value=each.code, label=each.name, current=each.code == "main")
            for each in places
            if each.active
        ],
        changes=[Choice(value=each, label=change_text(visitor.words, each)) for each in _CHANGES],
        forms={name: form if name == failed else Form() for name in ("change", "promise", "transfer")},
        failed=form if failed else None,
    )
    return await office_page(request, site, visitor, "office/stock_piece.html", view, 422 if failed else 200)


async def _people(site: Site, moves: list[Movement]) -> dict[str, str]:
    """Names of the accounts that have done something."""
    actors = sorted({each.actor for each in moves if each.actor.startswith("acc_")})
    found = await site.identity.accounts(account_ids=actors) if actors else []
    return {each.id: each.name for each in found}


def _facts(visitor: Visitor, counted: Availability, waiting: int) -> list[Any]:
    _ = visitor.words.gettext
    facts = [
        page(label=_("In the house"), value=_number(visitor, counted.on_hand)),
        page(label=_("Held"), value=_number(visitor, counted.held)),
        page(label=_("On the way"), value=_number(visitor, counted.in_transit)),
        page(label=_("Expected"), value=_number(visitor, counted.expected)),
        page(label=_("Can be bought"), value=_number(visitor, counted.available)),
        page(label=_("People who wait for it"), value=_number(visitor, waiting)),
    ]
    if counted.available_on:
        day = i18n.format_date(counted.available_on, visitor.locale, style="medium")
        facts.append(page(label=_("From"), value=day))
    return facts


def _unit(visitor: Visitor, each: Unit, names: dict[str, str]) -> Any:
    _ = visitor.words.gettext
    expected = ""
    if each.expected_on:
        expected = i18n.format_date(each.expected_on, visitor.locale, style="medium")
    elif each.lead_days:
        expected = _("%(days)s days after the order") % {"days": _number(visitor, each.lead_days)}
    return page(
        serial=each.serial,
        place=names[each.location],
        state=unit_text(visitor.words, each.state),
        lot=each.lot,
        expected=expected,
    )


def _movement(visitor: Visitor, each: Movement, names: dict[str, str], people: dict[str, str]) -> Any:
    return page(
        at=moment(visitor, each.at),
        what=change_text(visitor.words, each.kind),
        place=names.get(each.location, each.location),
        quantity=f"{each.quantity:+d}" if each.quantity else "0",
        reason=each.reason,
        actor=people.get(each.actor, each.actor),
    )


def _transfer(visitor: Visitor, each: Transfer, names: dict[str, str]) -> Any:
    return page(
        id=each.id,
        sent=moment(visitor, each.sent_at),
        origin=names[each.origin],
        destination=names[each.destination],
        quantity=_number(visitor, each.in_transit),
        reason=each.reason,
    )


@post("/office/stock/{variant_id:str}/change", include_in_schema=False)
async def change(
    variant_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    async def act(site: Site, typed: dict[str, str], key: str) -> None:
        what, reason = typed.get("what", ""), typed["reason"].strip()
        values: dict[str, Any] = {
            "variant_id": variant_id,
            "quantity": int(typed["quantity"]),
            "reason": reason,
            "location": typed.get("location", ""),
        }
        serials = [each.strip() for each in typed.get("serials", "").splitlines() if each.strip()]
        if what == "count":
            await site.inventory.count(**values)
        elif what in ("receive", "arrive"):
            verb = site.inventory.receive if what == "receive" else site.inventory.arrive
            await verb(**values, key=key, serials=serials, lot=typed.get("lot", "").strip()[:64])
        else:
            await site.inventory.adjust(**values, cause=what, key=key, serials=serials)

    least = 0 if (await fields(request)).get("what") == "count" else 1
    return await _do(request, principal, house, variant_id, "change", act, least)


@post("/office/stock/{variant_id:str}/promise", include_in_schema=False)
async def promise(
    variant_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    async def act(site: Site, typed: dict[str, str], key: str) -> None:
        days = typed.get("days", "").strip()
        await site.inventory.expect(
            variant_id=variant_id,
            quantity=int(typed["quantity"]),
            reason=typed["reason"].strip(),
            key=key,
            location=typed.get("location", ""),
            on=date.fromisoformat(typed["day"]) if typed.get("day") else None,
            lead_days=int(days) if days.isascii() and days.isdecimal() and len(days) < 6 else 0,
        )

    return await _do(request, principal, house, variant_id, "promise", act)


@post("/office/stock/{variant_id:str}/transfer", include_in_schema=False)
async def transfer(
    variant_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    async def act(site: Site, typed: dict[str, str], key: str) -> None:
        await site.inventory.transfer(
            key=key,
            variant_id=variant_id,
            quantity=int(typed["quantity"]),
            origin=typed.get("origin", ""),
            destination=typed.get("destination", ""),
            reason=typed["reason"].strip(),
        )

    return await _do(request, principal, house, variant_id, "transfer", act)


async def _do(
    request: WebRequest,
    principal: Principal,
    house: House,
    variant_id: str,
    name: str,
    act: Callable[[Site, dict[str, str], str], Awaitable[None]],
    least: int = 1,
) -> Response[Any] | Redirect:
    """Checks what every form of the page has, acts, and shows the page again."""
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    errors = _faults(visitor, typed, least)
    summary = None
    if not errors:
        key = typed.get("idempotency_key") or new_id("once")
        try:
            await act(site, typed, f"{visitor.id}:{key}"[:200])
        except Refusal as refusal:
            summary = stock_refusal_text(visitor.words, refusal)
        else:
            return see(f"/office/stock/{variant_id}", "saved")
    form = Form(data=typed, errors=errors, summary=summary)
    return await _piece(request, site, visitor, variant_id, form=form, failed=name)


def _faults(visitor: Visitor, typed: dict[str, str], least: int) -> dict[str, str]:
    _ = visitor.words.gettext
    errors = {}
    quantity = typed.get("quantity", "").strip()
    if not (quantity.isascii() and quantity.isdecimal() and len(quantity) < 6 and int(quantity) >= least):
        errors["quantity"] = _("A whole number of pieces.")
    if not typed.get("reason", "").strip():
        errors["reason"] = _("Say why; it is kept with your name.")
    if typed.get("day"):
        try:
            date.fromisoformat(typed["day"])
        except ValueError:
            errors["day"] = _("A day to come.")
    return errors


@post("/office/stock/transfers/{transfer_id:str}/{what:str}", include_in_schema=False)
async def end_transfer(
    transfer_id: str, what: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    """`what`: receive | cancel. A transfer that somebody else has ended stays as it is."""
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    try:
        if what == "receive":
            ended = await site.inventory.receive_transfer(transfer_id=transfer_id)
        elif what == "cancel":
            ended = await site.inventory.cancel_transfer(transfer_id=transfer_id, reason="office")
        else:
            raise NotFound
    except Refusal as refusal:
        variant_id = (await fields(request)).get("variant_id", "")
        form = Form(summary=stock_refusal_text(visitor.words, refusal))
        return await _piece(request, site, visitor, variant_id, form=form, failed="arrivals")
    return see(f"/office/stock/{ended.variant_id}", "saved")
