"""Bank transfers: what came into the house's account and what it pays for, and what has to be sent back. Statements are
read in `bank_statements`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import clock, i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.kernel.money import Money, MoneyError
from luxe.services.payments.contract import IncomingTransfer
from luxe.web.office.desk import cursor_pages, money, office_page, operator
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.views import Choice, Form, Link, page
from luxe.web.words import code_text

SIZE = 25
STATEMENTS = 5
_STATES = ("open", "matched")
HERE = "/office/transfers"


@get(HERE, include_in_schema=False)
async def transfers(
    request: WebRequest,
    principal: Principal,
    house: House,
    shown: str = "open",
    cursor: str = "",
    problem: str = "",
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    return await transfers_page(request, site, visitor, shown=shown, cursor=cursor, problem=problem)


async def transfers_page(
    request: WebRequest,
    site: Site,
    visitor: Visitor,
    *,
    shown: str = "open",
    cursor: str = "",
    problem: str = "",
    faults: Sequence[object] = (),
) -> Response[str]:
    """`faults` say what is wrong with a statement that was uploaded: row, column, message."""
    _ = visitor.words.gettext
    state = shown if shown in _STATES else "open"
    listed = await site.payments.transfers(state=state, cursor=cursor[:64], limit=SIZE + 1)
    rows = listed[:SIZE]
    names = {"open": _("To be matched"), "matched": _("Matched")}
    view = page(
        views=[
            Link(label=names[each], url=f"{HERE}?shown={each}", current=each == state) for each in _STATES
        ],
        shown=state,
        rows=[_row(visitor, each) for each in rows],
        refunds=[
            page(id=each.id, amount=money(visitor, each.amount), reason=each.reason, run=each.run)
            for each in await site.payments.refunds_to_send()
        ],
        statements=[
            page(
                url=f"{HERE}/statements/{each.id}",
                name=isolated(each.name),
                day=i18n.format_date(each.read_at.date(), visitor.locale),
                applied=each.state == "applied",
            )
            for each in await site.payments.bank_statements(limit=STATEMENTS)
        ],
        faults=faults,
        currencies=[Choice(value=each, label=each, current=each == "EUR") for each in i18n.CURRENCIES],
        form=Form(
            data={"received_on": clock.now().date().isoformat()},
            summary=_problem_text(visitor, problem) if problem else "",
        ),
        pages=cursor_pages(f"{HERE}?shown={state}", cursor, rows[-1].id if len(listed) > SIZE else None),
    )
    return await office_page(request, site, visitor, "office/transfers.html", view, 422 if problem else 200)


def isolated(name: str) -> str:
    """A file's name, whose dots stay where they are in a text that runs the other way (Unicode, UAX 9: FSI and PDI)."""
    return f"\u2068{name}\u2069"


def _problem_text(visitor: Visitor, code: str) -> str:
    _ = visitor.words.gettext
    texts = {
        "amount_invalid": _("That amount or day cannot be read."),
        "day_invalid": _("That amount or day cannot be read."),
        "intent_unknown": _("There is no such payment."),
        "transfer_matched": _("This transfer pays for something else already."),
        "transfer_currency": _("This payment is in another currency."),
        "transfer_reused": _("The bank’s entry stands for another transfer."),
        "transfer_spent": _("The payment rests on this transfer. Give the money back instead."),
        "note_missing": _("Say why it is taken back."),
        "statement_missing": _("Choose a file."),
        "statement_invalid": _("The statement has faults. Nothing has changed."),
        "statement_too_large": _("The file is too large."),
        "not_a_transfer": _("This payment is not made by bank transfer."),
    }
    return texts.get(code) or code_text(visitor.words, code)


def _row(visitor: Visitor, one: IncomingTransfer) -> object:
    return page(
        id=one.id,
        entry=one.entry,
        text=one.text,
        amount=money(visitor, one.amount),
        day=i18n.format_date(one.received_on, visitor.locale),
        suggested=one.suggested,
        intent=one.intent_id,
    )


@post(HERE, include_in_schema=False)
async def enter(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, _visitor = found
    typed = await fields(request)
    currency = typed.get("currency", "")
    try:
        amount = Money.parse(typed.get("amount", ""), currency if currency in i18n.CURRENCIES else "EUR")
        day = date.fromisoformat(typed.get("received_on", ""))
    except (MoneyError, ValueError):
        return see(f"{HERE}?problem=amount_invalid")
    try:
        await site.payments.enter_transfer(
            entry=typed.get("entry", "").strip(), amount=amount, text=typed.get("text", ""), received_on=day
        )
    except Refusal as refusal:
        return see(f"{HERE}?problem={refusal.code}")
    return see(HERE, "saved")


@post(HERE + "/{transfer_id:str}/match", include_in_schema=False)
async def match(
    transfer_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, _visitor = found
    typed = await fields(request)
    try:
        await site.payments.match_transfer(
            transfer_id=transfer_id, intent_id=typed.get("intent_id", "").strip()[:64]
        )
    except Refusal as refusal:
        return see(f"{HERE}?problem={refusal.code}")
    return see(HERE, "saved")


@post(HERE + "/refunds/{refund_id:str}", include_in_schema=False)
async def sent(
    refund_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, _visitor = found
    entry = (await fields(request)).get("entry", "").strip()[:140]
    try:
        await site.payments.sent_back(refund_id=refund_id, entry=entry or "-")
    except Refusal as refusal:
        return see(f"{HERE}?problem={refusal.code}")
    return see(HERE, "saved")
