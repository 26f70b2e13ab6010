"""From the invitation to the card: account, e-mail, application, fee."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import clock, i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.sagas.join.contract import JoinInput, JoinView
from luxe.services.membership.contract import Application
from luxe.web.countries import countries
from luxe.web.onward import onward
from luxe.web.progress import SETTLES_WITHIN, event_stream
from luxe.web.site import Site, Visitor, WebRequest, fields, is_secure, see, site_of, with_session
from luxe.web.storefront.applying import MEANS, application_errors, application_form
from luxe.web.storefront.door import INVITATION_COOKIE, door_picture
from luxe.web.storefront.membership_words import benefit_text
from luxe.web.storefront.register import NewAccount, open_account
from luxe.web.storefront.tiers import member_card
from luxe.web.views import Choice, Event, Form, RadioCard, page
from luxe.web.words import code_text, refusal_text

ANSWER_DAYS = 5
AGAIN_DAYS = 90


async def _applicant(
    request: WebRequest, principal: Principal, house: House
) -> tuple[Site, Visitor] | Redirect:
    """Somebody with an account who is not yet a member; others are shown where they belong."""
    site = site_of(house)
    if not principal.known:
        return Redirect("/", status_code=303)
    visitor = await site.visitor(request, principal)
    return Redirect("/", status_code=303) if visitor.is_member else (site, visitor)


@get("/join/account", include_in_schema=False)
async def account_page(request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    if principal.known:
        return Redirect("/join/application")
    site = site_of(house)
    return await _account(request, site, await site.visitor(request, principal), Form())


async def _account(request: WebRequest, site: Site, visitor: Visitor, form: Form) -> Response[str] | Redirect:
    try:
        invitation = await site.membership.look_at_invitation(code=request.cookies.get(INVITATION_COOKIE, ""))
    except Refusal:
        return Redirect("/", status_code=303)
    data = dict(form.data)
    if invitation.email:
        data.setdefault("email", invitation.email)
    view = page(
        picture=door_picture(site, visitor),
        inviter=invitation.inviter_name or None,
        bound_email=invitation.email or None,
        form=msgspec.structs.replace(form, data=data),
    )
    status = 422 if form.errors or form.summary else 200
    return await site.page(request, visitor, "storefront/door/join_account.html", view, status=status)


@post("/join/account", include_in_schema=False)
async def make_account(request: WebRequest, principal: Principal, house: House) -> Response[Any]:
    site = site_of(house)
    typed = await fields(request)
    if principal.known:
        return see("/join/application")
    new = NewAccount(
        name=typed.get("name", ""),
        email=typed.get("email", ""),
        password=typed.get("password", ""),
        terms=bool(typed.get("terms")),
    )
    try:
        signed = await open_account(request, site, new)
    except Refusal as refusal:
        visitor = await site.visitor(request, principal)
        return await _account(request, site, visitor, _account_form(visitor, typed, refusal))
    return with_session(see("/join/verify"), signed.token, is_secure(site))


def _account_form(visitor: Visitor, typed: dict[str, str], refusal: Refusal) -> Form:
    _ = visitor.words.gettext
    data = {name: typed[name] for name in ("name", "email", "terms") if name in typed}
    named = {
        "terms_missing": ("terms", _("Please agree to the terms to go on.")),
        "name_missing": ("name", _("Please tell us your name.")),
        "email_taken": ("email", refusal_text(visitor.words, refusal)),
        "email_invalid": ("email", refusal_text(visitor.words, refusal)),
        "password_weak": ("password", refusal_text(visitor.words, refusal)),
    }
    if refusal.code in named:
        field, text = named[refusal.code]
        return Form(data=data, errors={field: text})
    return Form(data=data, summary=refusal_text(visitor.words, refusal))


@get("/join/verify", include_in_schema=False)
async def verify_page(
    request: WebRequest, principal: Principal, house: House, resent: bool = False
) -> Response[str] | Redirect:
    found = await _applicant(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    assert visitor.account is not None
    if visitor.account.email_verified:
        return Redirect("/join/application")
    view = page(picture=door_picture(site, visitor), email=visitor.account.email, resent=resent)
    return await site.page(request, visitor, "storefront/door/verify.html", view)


@post("/join/verify/resend", include_in_schema=False)
async def resend(principal: Principal, house: House) -> Response[None]:
    if principal.known:
        await site_of(house).identity.ask_email_verification(account_id=principal.subject)
    return see("/join/verify?resent=true")


@get("/verify-email", include_in_schema=False)
async def verify_email(
    request: WebRequest, principal: Principal, house: House, token: str = ""
) -> Response[Any]:
    site = site_of(house)
    try:
        await site.identity.verify_email(token=token)
    except Refusal as refusal:
        visitor = await site.visitor(request, principal)
        view = page(code=410, request_id=None, again_text=refusal_text(visitor.words, refusal), back_url="/")
        return await site.page(request, visitor, "storefront/errors/error.html", view, status=410)
    return see("/join/application" if principal.known else "/sign-in", "email_verified")


@get("/join/application", include_in_schema=False)
async def application_page(
    request: WebRequest, principal: Principal, house: House
) -> Response[str] | Redirect:
    found = await _applicant(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    assert visitor.account is not None
    application = await site.membership.application_of(account_id=visitor.id)
    if application is not None and not _may_apply_again(application):
        return await _status(request, site, visitor, application)
    if not visitor.account.email_verified and not visitor.account.passkeys:
        return Redirect("/join/verify", status_code=303)
    return await _application(request, site, visitor, Form())


def _may_apply_again(application: Application) -> bool:
    decided = application.decided_at
    return (
        application.state == "declined"
        and decided is not None
        and clock.now() - decided >= timedelta(days=AGAIN_DAYS)
    )


async def _application(request: WebRequest, site: Site, visitor: Visitor, form: Form) -> Response[str]:
    _ = visitor.words.gettext
    sources = {
        "employment": _("Employment"),
        "business": _("A business of my own"),
        "assets": _("Investments or property"),
        "family": _("Family"),
    }
    view = page(
        means_text=i18n.format_money(MEANS, visitor.locale),
        countries=[Choice(value=code, label=name) for code, name in countries(visitor.locale)],
        sources=[RadioCard(value=value, label=label) for value, label in sources.items()],
        form=form,
    )
    status = 422 if form.errors or form.summary else 200
    return await site.page(request, visitor, "storefront/door/application.html", view, status=status)


@post("/join/application", include_in_schema=False)
async def apply(request: WebRequest, principal: Principal, house: House) -> Response[Any]:
    found = await _applicant(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    try:
        await site.membership.apply(account_id=visitor.id, form=application_form(visitor, typed))
    except Refusal as refusal:
        if refusal.code == "application_exists":
            return see("/join/application")
        return await _application(request, site, visitor, application_errors(visitor, typed, refusal))
    return see("/join/application")


async def _status(
    request: WebRequest, site: Site, visitor: Visitor, application: Application
) -> Response[str]:
    _ = visitor.words.gettext
    assert visitor.account is not None

    def day(value: Any) -> str:
        return i18n.format_date(value, visitor.locale, visitor.zone)

    decided = application.decided_at
    answer_by = application.submitted_at + timedelta(days=ANSWER_DAYS)
    if application.state == "declined" and decided is not None:
        answer_by = decided + timedelta(days=AGAIN_DAYS)
    waiting = application.state == "submitted"
    steps = [
        Event(title=_("Account made"), date=day(visitor.account.created_at)),
        Event(title=_("Application sent"), date=day(application.submitted_at)),
        Event(
            title=_("A person reads it") if waiting else _("Answered"),
            date=day(decided or answer_by),
            state="current" if waiting else "done",
        ),
    ]
    if application.state != "declined":
        steps.append(Event(title=_("Annual fee"), date="", state="waiting" if waiting else "current"))
    plan = await site.membership.plan(currency=visitor.currency)
    view = page(
        state=application.state,
        submitted_on=day(application.submitted_at),
        answer_by=day(answer_by),
        reason=application.reason or None,
        steps=steps,
        fee_text=i18n.format_money(plan.fee, visitor.locale),
    )
    return await site.page(request, visitor, "storefront/door/application_status.html", view)


@get("/join/fee", include_in_schema=False)
async def fee_page(
    request: WebRequest, principal: Principal, house: House, problem: str = ""
) -> Response[str] | Redirect:
    found = await _applicant(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    try:
        plan = await site.membership.fee_due(account_id=visitor.id, currency=visitor.currency)
    except Refusal:
        return Redirect("/join/application", status_code=303)
    _ = visitor.words.gettext
    shown = ("advisor", "extended_returns", "white_glove", "early_access", "hold_48h", "points_multiplier")
    view = page(
        fee_text=i18n.format_money(plan.fee, visitor.locale),
        period_text=_("For twelve months from the day it is paid, tax included."),
        benefits=[benefit_text(visitor.words, code) for code in shown],
        problem=code_text(visitor.words, problem) if problem else None,
    )
    return await site.page(request, visitor, "storefront/door/fee.html", view)


@post("/join/fee", include_in_schema=False)
async def pay_fee(request: WebRequest, principal: Principal, house: House) -> Response[Any]:
    found = await _applicant(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    key = (await fields(request)).get("idempotency_key", "")
    wanted = JoinInput(account_id=visitor.id, currency=visitor.currency, locale=visitor.locale)
    try:
        run = (await site.join.start(key=key or f"fee:{clock.now():%Y-%m-%dT%H:%M}", input=wanted)).run
    except Refusal as refusal:
        return see(f"/join/fee?problem={refusal.code}")
    view = await site.join.watch(run=run, account_id=visitor.id, seconds=SETTLES_WITHIN)
    leads = see(view.pay_at or _next(view) or f"/join/return?run={run}")
    return await onward(request, site, visitor, leads)


def _next(view: JoinView) -> str:
    """Where a join that has ended leads, or nothing while it runs."""
    if view.state == "done":
        return "/join/welcome"
    if view.state in ("refused", "ended"):
        return f"/join/fee?problem={view.problem_code}"
    return ""


@get("/join/return", include_in_schema=False)
async def returned(request: WebRequest, principal: Principal, house: House, run: str) -> Response[Any]:
    site = site_of(house)
    if not principal.known:
        return see("/sign-in?return_to=/join/return?run=" + run)
    await site.join.returned(run=run, account_id=principal.subject)
    view = await site.join.watch(run=run, account_id=principal.subject, seconds=2, ended=True)
    if where := _next(view):
        return see(where)
    visitor = await site.visitor(request, principal)
    shown = page(
        text=visitor.words.gettext("We are asking the payment provider."),
        events_url=f"/join/events?run={run}",
        status_url=f"/join/status?run={run}",
    )
    return await site.page(request, visitor, "storefront/door/fee_waiting.html", shown)


async def _progress(site: Site, visitor: Visitor, run: str) -> dict[str, str | None]:
    view = await site.join.view(run=run, account_id=visitor.id)
    text = visitor.words.gettext("We are asking the payment provider.")
    return {"text": text, "location": _next(view) or None}


@get("/join/status", include_in_schema=False)
async def status(request: WebRequest, principal: Principal, house: House, run: str) -> Response[Any]:
    site = site_of(house)
    return Response(
        await _progress(site, await site.visitor(request, principal), run),
        headers={"cache-control": "no-store"},
    )


@get("/join/events", include_in_schema=False)
async def events(request: WebRequest, principal: Principal, house: House, run: str) -> Response[Any]:
    site = site_of(house)
    visitor = await site.visitor(request, principal)
    return event_stream(lambda: _progress(site, visitor, run))


@get("/join/welcome", include_in_schema=False)
async def welcome(request: WebRequest, principal: Principal, house: House) -> Response[Any]:
    site = site_of(house)
    visitor = await site.visitor(request, principal)
    for _attempt in range(20):
        if visitor.membership is not None:
            break
        await asyncio.sleep(0.1)
        visitor = await site.visitor(request, principal)
    if visitor.membership is None or visitor.account is None:
        return see("/")
    membership = visitor.membership
    _ = visitor.words.gettext
    card = member_card(visitor)
    until = i18n.format_date(membership.until, visitor.locale, visitor.zone)
    view = page(
        card=card,
        name=visitor.account.name,
        valid_text=_("Your membership runs until %(date)s.") % {"date": until},
    )
    return await site.page(request, visitor, "storefront/door/welcome.html", view)
