"""Points in the office: the books as a whole, a member's statement, adjustments by hand and by two people."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import NotFound, Refusal
from luxe.kernel.house import House
from luxe.services.identity.contract import Account
from luxe.services.loyalty.contract import Adjustment, Recount, StatementLine
from luxe.web.office.desk import cursor_pages, moment, office_page, operator
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.views import Form, page
from luxe.web.words import points_text, refusal_text, signed_text

BOOKS = "/office/points"


def member_url(account_id: str) -> str:
    return f"{BOOKS}/members/{account_id}"


@get("/office/points", include_in_schema=False)
async def books(
    request: WebRequest, principal: Principal, house: House, q: str = "", at: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    wanted = q.strip()
    if wanted:
        account = await _sought(site, wanted)
        if account is not None:
            return Redirect(member_url(account.id), status_code=303)
    return await _books(request, site, visitor, wanted, at)


async def _sought(site: Site, wanted: str) -> Account | None:
    """Somebody by e-mail address or account id."""
    if "@" in wanted:
        return await site.identity.account_by_email(email=wanted)
    return next(iter(await site.identity.accounts(account_ids=[wanted])), None)


async def _books(
    request: WebRequest, site: Site, visitor: Visitor, wanted: str, at: str, summary: str | None = None
) -> Response[str]:
    until = _end_of(at, visitor)
    totals = await site.loyalty.trial_balance(at=until)
    recounts = await site.loyalty.recounts(limit=5)
    pending = await site.loyalty.adjustments(state="pending", limit=100)
    view = page(
        query=wanted,
        nobody=bool(wanted),
        form=Form(data={"at": at if until else ""}, summary=summary),
        as_of=moment(visitor, totals.at),
        rows=[
            page(
                label=_kind_text(visitor, row.kind),
                accounts=i18n.format_number(row.accounts, visitor.locale),
                points=signed_text(row.points, visitor.locale),
            )
            for row in totals.rows
        ],
        total=signed_text(totals.total, visitor.locale),
        recounts=[_recount(visitor, each) for each in recounts],
        differences=[
            page(
                account=each.account_id,
                url=member_url(each.account_id),
                what=each.what,
                kept=signed_text(each.kept, visitor.locale),
                counted=signed_text(each.counted, visitor.locale),
            )
            for recount in recounts[:1]
            for each in recount.differences
        ],
        pending=await _adjustment_rows(site, visitor, pending.items),
    )
    status = 409 if summary else 200
    return await office_page(request, site, visitor, "office/points.html", view, status)


def _end_of(day: str, visitor: Visitor) -> datetime | None:
    """The last moment of a day where the reader is; None for no day."""
    try:
        following = date.fromisoformat(day) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(following, time(), visitor.zone) - timedelta(microseconds=1)


def _kind_text(visitor: Visitor, kind: str) -> str:
    _ = visitor.words.gettext
    return {
        "available": _("Members: available"),
        "held": _("Members: set aside"),
        "owed": _("Members: owed to the house"),
        "issued": _("House: issued"),
        "redeemed": _("House: redeemed"),
        "expired": _("House: expired"),
        "adjusted": _("House: adjusted by hand"),
    }[kind]


def _recount(visitor: Visitor, recount: Recount) -> Any:
    _ = visitor.words.gettext
    if recount.differing:
        state = visitor.words.ngettext("%(num)d difference", "%(num)d differences", recount.differing) % {
            "num": recount.differing
        }
    else:
        state = _("All agree") if recount.ended_at else _("Under way")
    return page(
        at=moment(visitor, recount.began_at),
        members=i18n.format_number(recount.members, visitor.locale),
        state=state,
        needs_person=recount.differing > 0,
    )


async def _adjustment_rows(site: Site, visitor: Visitor, listed: list[Adjustment]) -> list[Any]:
    _ = visitor.words.gettext
    ids = sorted(
        {one for each in listed for one in (each.account_id, each.proposed_by, each.decided_by) if one}
    )
    people = {each.id: each.name for each in await site.identity.accounts(account_ids=ids)} if ids else {}
    states = {
        "pending": _("Waits for a second person"),
        "made": _("Made"),
        "declined": _("Declined"),
    }
    return [
        page(
            id=each.id,
            at=moment(visitor, each.proposed_at),
            member=people.get(each.account_id, each.account_id),
            url=member_url(each.account_id),
            points=signed_text(each.points, visitor.locale),
            reason=each.reason,
            by=people.get(each.proposed_by, each.proposed_by),
            decided_by=people.get(each.decided_by, each.decided_by) if each.decided_by else None,
            state=states[each.state],
            pending=each.state == "pending",
            own=visitor.id in (each.proposed_by, each.account_id),
        )
        for each in listed
    ]


@get("/office/points/members/{account_id:str}", include_in_schema=False)
async def member_points(
    account_id: str, request: WebRequest, principal: Principal, house: House, cursor: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    return await _member(request, *found, account_id, Form(), cursor)


async def _member(
    request: WebRequest, site: Site, visitor: Visitor, account_id: str, form: Form, cursor: str = ""
) -> Response[str]:
    account = next(iter(await site.identity.accounts(account_ids=[account_id])), None)
    if account is None:
        raise NotFound
    _ = visitor.words.gettext
    balance = await site.loyalty.balance(account_id=account_id)
    statement = await site.loyalty.statement(account_id=account_id, cursor=cursor)
    adjusted = await site.loyalty.adjustments(account_id=account_id, limit=10)

    def fact(label: str, value: int) -> Any:
        return page(label=label, value=i18n.format_number(value, visitor.locale))

    view = page(
        id=account_id,
        name=account.name,
        facts=[
            page(label=_("E-mail"), value=account.email),
            fact(_("Available"), balance.available),
            fact(_("Set aside"), balance.held),
            fact(_("Owed"), balance.owed),
        ],
        own=account_id == visitor.id,
        form=form,
        entries=[_entry(visitor, each) for each in statement.items],
        pages=cursor_pages(member_url(account_id), cursor, statement.next),
        adjustments=await _adjustment_rows(site, visitor, adjusted.items),
    )
    status = 422 if form.errors or form.summary else 200
    return await office_page(request, site, visitor, "office/member_points.html", view, status)


def _entry(visitor: Visitor, line: StatementLine) -> Any:
    return page(
        at=moment(visitor, line.at),
        text=points_text(visitor.words, line.kind),
        reference=line.reference,
        url=f"/office/orders/{line.reference}" if line.reference.startswith("ord_") else None,
        points=signed_text(line.points, visitor.locale),
        owed=signed_text(line.owed, visitor.locale) if line.owed else "",
        balance=i18n.format_number(line.balance, visitor.locale),
    )


@post("/office/points/members/{account_id:str}/adjust", include_in_schema=False)
async def adjust(
    account_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    _ = visitor.words.gettext
    points = _whole_number(typed.get("points", ""))
    errors = {}
    if not points or abs(points) > 10**9:
        errors["points"] = _("A whole number of points; below zero to take them.")
    if not typed.get("reason", "").strip():
        errors["reason"] = _("Say why: it stays with the points.")
    if errors:
        return await _member(request, site, visitor, account_id, Form(data=typed, errors=errors))
    try:
        await site.loyalty.adjust(
            key=typed.get("idempotency_key", ""),
            account_id=account_id,
            points=points,
            reason=typed["reason"].strip()[:500],
            operator_id=visitor.id,
        )
    except Refusal as refusal:
        form = Form(data=typed, summary=refusal_text(visitor.words, refusal))
        return await _member(request, site, visitor, account_id, form)
    return see(member_url(account_id), "saved")


def _whole_number(text: str) -> int:
    """Zero for anything else. Reads a minus sign as typed or as printed."""
    try:
        return int(text.strip().replace("−", "-").replace(",", ""))
    except ValueError:
        return 0


@post("/office/points/adjustments/{adjustment_id:str}/{verdict:str}", include_in_schema=False)
async def decide(
    adjustment_id: str, verdict: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    if verdict not in ("approve", "decline"):
        raise NotFound
    site, visitor = found
    try:
        await site.loyalty.decide_adjustment(
            adjustment_id=adjustment_id, operator_id=visitor.id, approve=verdict == "approve"
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return await _books(request, site, visitor, "", "", refusal_text(visitor.words, refusal))
    return see(BOOKS, "saved")
