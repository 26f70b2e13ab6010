"""Where the provider's statements and the house's books differ: the queue, one case, its end."""

from __future__ import annotations

from typing import Any, get_args

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.services.payments.contract import Case, Resolution
from luxe.web.office.desk import cursor_pages, moment, money, office_page, operator
from luxe.web.site import Visitor, WebRequest, fields, see
from luxe.web.views import Choice, Event, Form, Link, page
from luxe.web.words import code_text

_STATES = ("open", "resolved")
_HOWS: dict[str, Resolution] = {each: each for each in get_args(Resolution)}


def _state_text(visitor: Visitor, state: str) -> str:
    _ = visitor.words.gettext
    return _("Unresolved") if state == "open" else _("Resolved")


def _kind_text(visitor: Visitor, kind: str) -> str:
    _ = visitor.words.gettext
    return {
        "missing_here": _("Missing in our books"),
        "missing_there": _("Missing at the provider"),
        "amount_differs": _("Amounts differ"),
        "disputed": _("Contested by the payer's bank"),
        "paid_too_little": _("Came too little"),
        "paid_too_much": _("Came too much"),
        "paid_late": _("Came too late"),
        "paid_twice": _("Came once more"),
        "paid_for_nothing": _("Came without a known reference"),
        "paid_otherwise": _("Came in another currency"),
    }[kind]


def _how_text(visitor: Visitor, how: str) -> str:
    _ = visitor.words.gettext
    return {
        "explained": _("Explained: both books are right"),
        "corrected_here": _("Put right in our books"),
        "corrected_there": _("Put right by the provider"),
        "written_off": _("Written off"),
    }[how]


def _amount(visitor: Visitor, amount: Money | None) -> str:
    return "–" if amount is None else money(visitor, amount)


@get("/office/cases", include_in_schema=False)
async def cases(
    request: WebRequest, principal: Principal, house: House, shown: str = "open", cursor: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    state = shown if shown in _STATES else "open"
    listed = await site.payments.cases(state=state, cursor=cursor[:64])
    base = f"/office/cases?shown={state}"
    view = page(
        views=[
            Link(
                label=_state_text(visitor, each),
                url=f"/office/cases?shown={each}",
                current=each == state,
            )
            for each in _STATES
        ],
        shown=state,
        rows=[
            page(
                url=f"/office/cases/{each.id}",
                kind=_kind_text(visitor, each.kind),
                reference=each.reference,
                day=i18n.format_date(each.day, visitor.locale),
                ours=_amount(visitor, each.ours),
                theirs=_amount(visitor, each.theirs),
                needs_person=each.state == "open",
                state=_state_text(visitor, each.state),
            )
            for each in listed.items
        ],
        pages=cursor_pages(base, cursor, listed.next),
    )
    return await office_page(request, site, visitor, "office/cases.html", view)


@get("/office/cases/{case_id:str}", include_in_schema=False)
async def case(
    case_id: str, request: WebRequest, principal: Principal, house: House, problem: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    one = await site.payments.case(case_id=case_id)
    by = ""
    if one.resolved_by.startswith("acc_"):
        people = await site.identity.accounts(account_ids=[one.resolved_by])
        by = people[0].name if people else one.resolved_by
    form = Form(errors={"note": code_text(visitor.words, problem)}) if problem else Form()
    return await office_page(
        request,
        site,
        visitor,
        "office/case.html",
        _case_view(visitor, one, by, form),
        422 if problem else 200,
    )


def _case_view(visitor: Visitor, one: Case, by: str, form: Form) -> object:
    _ = visitor.words.gettext
    facts = [
        (_("Day"), i18n.format_date(one.day, visitor.locale)),
        (_("Our books"), _amount(visitor, one.ours)),
        (_("The provider's statement"), _amount(visitor, one.theirs)),
        (_("Reference"), one.reference),
        (_("Payment"), one.intent_id),
    ]
    steps = [Event(title=_("Found"), date=moment(visitor, one.opened_at))]
    if one.resolved_at and one.how:
        steps.append(
            Event(title=_how_text(visitor, one.how), date=moment(visitor, one.resolved_at), detail=one.note)
        )
    return page(
        id=one.id,
        kind=_kind_text(visitor, one.kind),
        state=_state_text(visitor, one.state),
        resolved=one.state == "resolved",
        facts=[page(label=label, value=value) for label, value in facts if value],
        steps=steps,
        by=by,
        choices=[
            Choice(value=each, label=_how_text(visitor, each), current=each == "explained") for each in _HOWS
        ],
        form=form,
    )


@post("/office/cases/{case_id:str}/resolve", include_in_schema=False)
async def resolve(
    case_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, _visitor = found
    typed = await fields(request)
    how = _HOWS.get(typed.get("how", ""), "explained")
    try:
        await site.payments.resolve_case(case_id=case_id, note=typed.get("note", ""), how=how)
    except Refusal as refusal:
        return see(f"/office/cases/{case_id}?problem={refusal.code}")
    return see(f"/office/cases/{case_id}", "saved")
