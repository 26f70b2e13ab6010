"""Runs of sagas: the list, the story of one, and what a person can do for it."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import saga_runs
from luxe.kernel.auth import Principal
from luxe.kernel.errors import NotFound, Refusal
from luxe.kernel.house import House
from luxe.kernel.saga_runs import RUN_STATES, RunLine, RunMoment, RunPage, RunsPort, RunStory
from luxe.web.office.desk import cursor_pages, moment, money, office_page, operator
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.views import Choice, Form, Link, page
from luxe.web.words import code_text, payment_text, run_moment_text, run_state_text, saga_text

SHOWN = 25
_FIRST = "stuck"
_ALL = "all"
_ENDINGS = ("undo", "close")


@get("/office/runs", include_in_schema=False)
async def runs(
    request: WebRequest,
    principal: Principal,
    house: House,
    shown: str = _FIRST,
    saga: str = "",
    cursor: str = "",
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    state = shown if shown in (*RUN_STATES, _ALL) else _FIRST
    chosen = saga if saga in site.sagas else ""
    listed = await _listed(site, "" if state == _ALL else state, chosen, cursor)
    view = page(
        views=[
            Link(label=_shown_text(visitor, each), url=_address(each, chosen), current=each == state)
            for each in (_FIRST, *(state for state in RUN_STATES if state != _FIRST), _ALL)
        ],
        sagas=[
            Choice(value=name, label=saga_text(visitor.words, name), current=name == chosen)
            for name in site.sagas
        ],
        shown=state,
        form=Form(data={"saga": chosen}),
        rows=[_row(visitor, each) for each in listed.items],
        nothing_stuck=state == _FIRST and not chosen,
        pages=cursor_pages(_address(state, chosen), cursor, listed.next),
    )
    return await office_page(request, site, visitor, "office/runs.html", view)


@get("/office/runs/{run:str}", include_in_schema=False)
async def run(
    run: str, request: WebRequest, principal: Principal, house: House, problem: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    _, story = await _known(site, run)
    form = Form(errors={"reason": code_text(visitor.words, problem)}) if problem else Form()
    view = await _story_view(site, visitor, story, form)
    return await office_page(request, site, visitor, "office/run.html", view, 422 if problem else 200)


@post("/office/runs/{run:str}/retry", include_in_schema=False)
async def retry(
    run: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    port, _ = await _known(found[0], run)
    await port.resume(run=run)
    return see(f"/office/runs/{run}", "saved")


@post("/office/runs/{run:str}/end", include_in_schema=False)
async def end(run: str, request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    port, _ = await _known(found[0], run)
    typed = await fields(request)
    how = typed.get("how", "")
    if how not in _ENDINGS or not typed.get("sure"):
        return see(f"/office/runs/{run}?problem=not_confirmed")
    try:
        await port.end(run=run, reason=typed.get("reason", ""), undo=how == "undo")
    except Refusal as refusal:
        code = "why_missing" if refusal.code == "reason_missing" else refusal.code
        return see(f"/office/runs/{run}?problem={code}")
    return see(f"/office/runs/{run}", "saved")


async def _listed(site: Site, state: str, saga: str, cursor: str) -> RunPage:
    ports = [port for name, port in site.sagas.items() if saga in ("", name)]
    try:
        pages = await asyncio.gather(*(port.runs(state=state, cursor=cursor, limit=SHOWN) for port in ports))
    except Refusal as refusal:
        raise NotFound from refusal
    return saga_runs.merged(pages, SHOWN)


async def _known(site: Site, run: str) -> tuple[RunsPort, RunStory]:
    for port in site.sagas.values():
        try:
            return port, await port.run(run=run)
        except NotFound:
            continue
    raise NotFound


def _address(state: str, saga: str) -> str:
    wanted = {"shown": state} | ({"saga": saga} if saga else {})
    return f"/office/runs?{urlencode(wanted)}"


def _shown_text(visitor: Visitor, state: str) -> str:
    return visitor.words.gettext("All") if state == _ALL else run_state_text(visitor.words, state)


def _row(visitor: Visitor, line: RunLine) -> Any:
    return page(
        id=line.run,
        url=f"/office/runs/{line.run}",
        saga=saga_text(visitor.words, line.saga),
        subject=line.subject,
        subject_url=_subject_url(line),
        step=line.step,
        state=run_state_text(visitor.words, line.state),
        needs_person=line.state == "stuck",
        problem=line.problem,
        changed=moment(visitor, line.changed_at),
    )


def _subject_url(line: RunLine) -> str | None:
    return f"/office/orders/{line.subject}" if line.subject.startswith("ord_") else None


async def _story_view(site: Site, visitor: Visitor, story: RunStory, form: Form) -> object:
    line = story.line
    names = sorted({each.actor for each in story.history if each.actor.startswith("acc_")} | {line.owner})
    people = {each.id: each.name for each in await site.identity.accounts(account_ids=names)}
    intent = await site.payments.intent_of_run(run=line.run)
    _ = visitor.words.gettext
    facts = [
        (_("Member"), people.get(line.owner, line.owner)),
        (_("Started"), moment(visitor, line.started_at)),
        (_("Last change"), moment(visitor, line.changed_at)),
        (_("Goes on"), moment(visitor, story.wake_at)),
        (
            _("Payment"),
            f"{money(visitor, intent.amount)} · {payment_text(visitor.words, intent.state)}"
            if intent
            else "",
        ),
        (_("Captured"), money(visitor, intent.captured) if intent else ""),
        (_("Given back"), money(visitor, intent.refunded) if intent and intent.refunded.minor else ""),
    ]
    codes = [
        (_("Run"), line.run),
        (_("Step"), line.step),
        (_("Order"), line.subject),
        (_("Payment"), intent.psp_id if intent else ""),
        (_("Request"), story.request_id),
        (_("Driven by"), story.driven_by),
    ]
    return page(
        id=line.run,
        saga=saga_text(visitor.words, line.saga),
        state=run_state_text(visitor.words, line.state),
        needs_person=line.state == "stuck",
        problem=line.problem,
        subject_url=_subject_url(line),
        facts=[page(label=label, value=value) for label, value in facts if value],
        codes=[page(label=label, value=value) for label, value in codes if value],
        steps=[_step(visitor, story, name) for name in story.steps],
        history=[_moment(visitor, each, people) for each in story.history],
        papers=[
            page(label=label, text=msgspec.json.format(msgspec.json.encode(value), indent=1).decode())
            for label, value in (
                (_("What it was asked for"), story.input),
                (_("What its steps left"), story.results),
                (_("What reached it"), story.signals),
            )
            if value
        ],
        may_resume=story.may_resume,
        may_undo=story.may_undo,
        may_close=story.may_close,
        form=form,
    )


def _step(visitor: Visitor, story: RunStory, name: str) -> Any:
    """A step with the number of its attempts and how the last of them went."""
    told = [each for each in story.history if each.step == name]
    return page(
        name=name,
        is_pivot=name == story.pivot,
        is_here=name == story.line.step and story.line.state in ("running", "undoing", "stuck"),
        attempts=str(len(told)) if told else "",
        outcome=run_moment_text(visitor.words, told[-1].outcome) if told else "",
        at=moment(visitor, told[-1].at) if told else "",
    )


def _moment(visitor: Visitor, each: RunMoment, people: dict[str, str]) -> Any:
    return page(
        at=moment(visitor, each.at),
        step="" if each.step in ("resume", "end") else each.step,
        outcome=run_moment_text(visitor.words, each.outcome),
        actor=people.get(each.actor, each.actor),
        note=each.note,
    )
