"""Banks' statements: uploaded, looked at line by line, then applied; and matches that are taken back."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.services.payments.contract import LONGEST_STATEMENT, BankStatement
from luxe.web.office.desk import moment, money, office_page, operator
from luxe.web.office.transfers import HERE, isolated, transfers_page
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.views import page

_PLACE = HERE + "/statements"


@post(_PLACE, include_in_schema=False)
async def upload(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    given = (await request.form()).get("statement")
    if not isinstance(given, UploadFile) or not given.filename:
        return see(f"{HERE}?problem=statement_missing")
    content = await given.read(LONGEST_STATEMENT + 1)
    try:
        read = await site.payments.read_statement(name=given.filename, content=content)
    except Refusal as refusal:
        faults = refusal.extra.get("errors", [])
        return await transfers_page(request, site, visitor, problem=refusal.code, faults=faults)
    return see(f"{_PLACE}/{read.id}")


@get(_PLACE + "/{statement_id:str}", include_in_schema=False)
async def statement(
    statement_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    one = await site.payments.bank_statement(statement_id=statement_id)
    view = await _view(site, visitor, one)
    return await office_page(request, site, visitor, "office/bank_statement.html", view)


@post(_PLACE + "/{statement_id:str}/apply", include_in_schema=False)
async def apply(
    statement_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, _visitor = found
    await site.payments.apply_statement(statement_id=statement_id)
    return see(f"{_PLACE}/{statement_id}", "saved")


@post(HERE + "/{transfer_id:str}/unmatch", include_in_schema=False)
async def unmatch(
    transfer_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, _visitor = found
    note = (await fields(request)).get("note", "")
    try:
        await site.payments.unmatch_transfer(transfer_id=transfer_id, note=note)
    except Refusal as refusal:
        return see(f"{HERE}?shown=matched&problem={refusal.code}")
    return see(HERE, "saved")


async def _view(site: Site, visitor: Visitor, one: BankStatement) -> object:
    _ = visitor.words.gettext
    texts = _verdicts(visitor)
    people = [each for each in {one.read_by, one.applied_by} if each.startswith("acc_")]
    names = {each.id: each.name for each in await site.identity.accounts(account_ids=people)}
    days = [i18n.format_date(each, visitor.locale) for each in (one.first, one.last) if each]
    facts = [
        (_("Days"), " – ".join(dict.fromkeys(days))),
        (_("Uploaded"), _by(visitor, names, one.read_by, moment(visitor, one.read_at))),
        (_("Applied"), _by(visitor, names, one.applied_by, moment(visitor, one.applied_at))),
        (_("Passed over"), i18n.format_number(one.passed_over, visitor.locale) if one.passed_over else ""),
    ]
    counted = {each: sum(entry.verdict == each for entry in one.entries) for each in texts}
    return page(
        id=one.id,
        name=isolated(one.name),
        applied=one.state == "applied",
        facts=[page(label=label, value=value) for label, value in facts if value],
        sums=[
            page(label=text, value=i18n.format_number(counted[each], visitor.locale))
            for each, text in texts.items()
            if counted[each]
        ],
        rows=[
            page(
                row=each.row,
                entry=each.entry,
                text=each.text,
                day=i18n.format_date(each.received_on, visitor.locale),
                amount=money(visitor, each.amount),
                verdict=texts[each.verdict],
                settled=each.verdict in ("pays", "known"),
                intent=each.intent_id,
            )
            for each in one.entries
        ],
    )


def _by(visitor: Visitor, names: dict[str, str], account_id: str, at: str) -> str:
    return f"{at}, {names[account_id]}" if account_id in names else at


def _verdicts(visitor: Visitor) -> dict[str, str]:
    _ = visitor.words.gettext
    return {
        "pays": _("Pays"),
        "too_little": _("Too little"),
        "too_much": _("Too much"),
        "other_currency": _("Another currency"),
        "unknown_reference": _("No known reference"),
        "paid_already": _("Paid already"),
        "too_late": _("Too late"),
        "differs": _("Known with another amount"),
        "known": _("Known already"),
    }
