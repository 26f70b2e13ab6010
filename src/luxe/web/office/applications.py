"""Applications: the queue, one application, the decision."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import clock, i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.services.membership.contract import Application
from luxe.web.countries import countries
from luxe.web.office.desk import cursor_pages, moment, money, office_page, operator
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.views import Event, Form, Link, page
from luxe.web.words import code_text

_STATES = ("submitted", "approved", "declined")


def _state_text(visitor: Visitor, state: str) -> str:
    _ = visitor.words.gettext
    return {"submitted": _("Waiting"), "approved": _("Approved"), "declined": _("Declined")}[state]


@get("/office/applications", include_in_schema=False)
async def applications(
    request: WebRequest, principal: Principal, house: House, shown: str = "submitted", cursor: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    state = shown if shown in _STATES else "submitted"
    listed = await site.membership.applications(state=state, cursor=cursor)
    people = {
        each.id: each
        for each in await site.identity.accounts(account_ids=[one.account_id for one in listed.items])
    }
    base = f"/office/applications?shown={state}"
    view = page(
        views=[
            Link(
                label=_state_text(visitor, each),
                url=f"/office/applications?shown={each}",
                current=each == state,
            )
            for each in _STATES
        ],
        rows=[_application_row(visitor, each, people) for each in listed.items],
        pages=cursor_pages(base, cursor, listed.next),
    )
    return await office_page(request, site, visitor, "office/applications.html", view)


def _application_row(visitor: Visitor, application: Application, people: dict[str, Any]) -> Any:
    days = (clock.now() - application.submitted_at).days
    account = people.get(application.account_id)
    return page(
        url=f"/office/applications/{application.id}",
        name=application.form.full_name,
        email=account.email if account else "",
        country=dict(countries(visitor.locale)).get(application.form.country, application.form.country),
        sent=moment(visitor, application.submitted_at),
        waiting_text=visitor.words.ngettext("%(num)s day", "%(num)s days", days)
        % {"num": i18n.format_number(days, visitor.locale)}
        if application.state == "submitted"
        else "",
        inviter=application.inviter_name,
        state=_state_text(visitor, application.state),
        needs_person=application.state == "submitted",
    )


@get("/office/applications/{application_id:str}", include_in_schema=False)
async def application(
    application_id: str, request: WebRequest, principal: Principal, house: House, problem: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    form = Form(errors={"reason": code_text(visitor.words, problem)}) if problem else Form()
    one = await site.membership.application(application_id=application_id)
    account = await site.identity.account(account_id=one.account_id)
    status = 422 if problem else 200
    return await office_page(
        request,
        site,
        visitor,
        "office/application.html",
        _application_view(visitor, one, account.email, form),
        status,
    )


def _application_view(visitor: Visitor, one: Application, email: str, form: Form) -> object:
    _ = visitor.words.gettext
    country = dict(countries(visitor.locale)).get(one.form.country, one.form.country)
    source, _sep, rest = one.form.means.partition(" · ")
    facts = [
        (_("E-mail"), email),
        (_("Country or region"), f"{one.form.city}, {country}"),
        (_("Date of birth"), i18n.format_date(one.form.birthday, visitor.locale)),
        (_("Declared"), money(visitor, one.form.declared_spend)),
        (_("Where it comes from, mainly"), source),
        (_("Invited by"), one.inviter_name),
    ]
    references = [reference.split(" · ") for reference in one.form.references]
    steps = [Event(title=_("Application sent"), date=moment(visitor, one.submitted_at))]
    if one.decided_at:
        steps.append(
            Event(
                title=_state_text(visitor, one.state), date=moment(visitor, one.decided_at), detail=one.reason
            )
        )
    return page(
        id=one.id,
        name=one.form.full_name,
        email=email,
        state=_state_text(visitor, one.state),
        decided=one.state != "submitted",
        facts=[page(label=label, value=value) for label, value in facts if value],
        references=[
            page(
                name=parts[0],
                relation=parts[1] if len(parts) > 2 else "",
                contact=parts[-1] if len(parts) > 1 else "",
            )
            for parts in references
        ],
        note=rest or None,
        steps=steps,
        decision_text=_("%(state)s on %(date)s.")
        % {"state": _state_text(visitor, one.state), "date": moment(visitor, one.decided_at)}
        if one.decided_at
        else None,
        form=form,
    )


@post("/office/applications/{application_id:str}/approve", include_in_schema=False)
async def approve(
    application_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    return await _decide(application_id, True, request, principal, house)


@post("/office/applications/{application_id:str}/decline", include_in_schema=False)
async def decline(
    application_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    return await _decide(application_id, False, request, principal, house)


async def _is(site: Site, application_id: str, approved: bool) -> bool:
    """Whether the decision that comes again is the one that stands."""
    one = await site.membership.application(application_id=application_id)
    return one.state == ("approved" if approved else "declined")


async def _decide(
    application_id: str, approved: bool, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    reason = (await fields(request)).get("reason", "").strip()
    try:
        await site.membership.decide(
            application_id=application_id, approve=approved, reason=reason, by=visitor.id
        )
    except Refusal as refusal:
        if refusal.code != "already_decided" or not await _is(site, application_id, approved):
            return see(f"/office/applications/{application_id}?problem={refusal.code}")
    return see(f"/office/applications/{application_id}", "saved")
