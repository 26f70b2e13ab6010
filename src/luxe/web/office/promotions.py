"""Vouchers and gift cards in the office: made, shown with their codes, revoked."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import clock, i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.kernel.i18n import CURRENCIES
from luxe.kernel.money import Money, MoneyError
from luxe.services.promotions.contract import GiftCard, Voucher, VoucherRules
from luxe.web.office.desk import cursor_pages, moment, money, office_page, operator
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.views import Choice, Form, Link, page
from luxe.web.words import refusal_text

VOUCHERS, GIFT_CARDS = "/office/promotions", "/office/promotions/gift-cards"
TIER_GIFTS = "/office/promotions/tier-gifts"


def promotion_views(visitor: Visitor, here: str) -> list[Link]:
    _ = visitor.words.gettext
    rooms = ((_("Vouchers"), VOUCHERS), (_("Gift cards"), GIFT_CARDS), (_("Gifts for tiers"), TIER_GIFTS))
    return [Link(label=label, url=url, current=url == here) for label, url in rooms]


def _currencies(site: Site) -> list[Choice]:
    base = site.settings.base_currency
    return [Choice(value=code, label=code, current=code == base) for code in CURRENCIES]


@get("/office/promotions", include_in_schema=False)
async def vouchers(
    request: WebRequest, principal: Principal, house: House, cursor: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    return found if isinstance(found, Redirect) else await _vouchers(request, *found, Form(), cursor)


async def _vouchers(
    request: WebRequest, site: Site, visitor: Visitor, form: Form, cursor: str = ""
) -> Response[str]:
    listed = await site.promotions.vouchers(cursor=cursor, limit=25)
    view = page(
        views=promotion_views(visitor, VOUCHERS),
        rows=[
            page(
                url=f"{VOUCHERS}/vouchers/{each.id}",
                name=each.name,
                takes=_takes(visitor, each.rules),
                uses=i18n.format_number(each.uses, visitor.locale),
                state=_state(visitor, each),
            )
            for each in listed.items
        ],
        pages=cursor_pages(VOUCHERS, cursor, listed.next),
        form=form if form.data else Form(data={"codes": "1"}),
        currencies=_currencies(site),
    )
    status = 422 if form.errors or form.summary else 200
    return await office_page(request, site, visitor, "office/vouchers.html", view, status)


def _takes(visitor: Visitor, rules: VoucherRules) -> str:
    if rules.percent is not None:
        return i18n.format_number(rules.percent, visitor.locale) + " %"
    return ", ".join(money(visitor, each) for each in rules.amounts)


def _state(visitor: Visitor, voucher: Voucher) -> str:
    _ = visitor.words.gettext
    at = clock.now()
    rules = voucher.rules
    if voucher.revoked_at:
        return _("Revoked")
    if rules.ends_at and at >= rules.ends_at:
        return _("Expired")
    if rules.starts_at and at < rules.starts_at:
        return _("Not yet")
    return _("Used up") if rules.in_all is not None and voucher.uses >= rules.in_all else _("Open")


@get("/office/promotions/vouchers/{voucher_id:str}", include_in_schema=False)
async def voucher(
    voucher_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    one = await site.promotions.voucher(voucher_id=voucher_id)
    view = page(
        id=one.id,
        name=one.name,
        state=_state(visitor, one),
        live=one.revoked_at is None,
        facts=_facts(visitor, one),
        codes=await site.promotions.codes_of(voucher_id=voucher_id),
    )
    return await office_page(request, site, visitor, "office/voucher.html", view)


def _facts(visitor: Visitor, voucher: Voucher) -> list[Any]:
    _ = visitor.words.gettext
    rules = voucher.rules

    def number(value: int | None) -> str:
        return "" if value is None else i18n.format_number(value, visitor.locale)

    facts = [
        (_("Takes off"), _takes(visitor, rules)),
        (_("At most"), ", ".join(money(visitor, each) for each in rules.most)),
        (_("From"), ", ".join(money(visitor, each) for each in rules.minimums)),
        (_("Houses"), ", ".join(rules.brands)),
        (_("Categories"), ", ".join(rules.categories)),
        (_("Tiers"), ", ".join(rules.tiers)),
        (_("Countries"), ", ".join(rules.countries)),
        (_("Good from"), moment(visitor, rules.starts_at)),
        (_("Good until"), moment(visitor, rules.ends_at)),
        (_("With others"), _("Yes") if rules.stackable else _("No")),
        (_("Times per member"), number(rules.per_member)),
        (_("Times in all"), number(rules.in_all)),
        (_("Used"), number(voucher.uses)),
        (_("Made"), moment(visitor, voucher.created_at)),
        (_("Revoked"), moment(visitor, voucher.revoked_at)),
    ]
    return [page(label=label, value=value) for label, value in facts if value]


@post("/office/promotions/vouchers", include_in_schema=False)
async def make(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    rules, errors = _rules(visitor, typed)
    _ = visitor.words.gettext
    if not typed.get("name", "").strip():
        errors["name"] = _("Members read this name.")
    codes = _whole(typed.get("codes", ""))
    if not 1 <= codes <= 1_000:
        errors["codes"] = _("A number from 1 to 1,000.")
    if errors:
        return await _vouchers(request, site, visitor, Form(data=typed, errors=errors))
    try:
        made = await site.promotions.make_voucher(
            key=typed.get("idempotency_key", ""),
            name=typed["name"].strip()[:120],
            rules=rules,
            codes=codes,
            operator_id=visitor.id,
        )
    except Refusal as refusal:
        form = Form(data=typed, summary=refusal_text(visitor.words, refusal))
        return await _vouchers(request, site, visitor, form)
    return see(f"{VOUCHERS}/vouchers/{made.id}", "saved")


def _rules(visitor: Visitor, typed: dict[str, str]) -> tuple[VoucherRules, dict[str, str]]:
    _ = visitor.words.gettext
    errors: dict[str, str] = {}
    currency = typed.get("currency", "") if typed.get("currency", "") in CURRENCIES else "CNY"

    def amount(name: str) -> list[Money]:
        if not typed.get(name, "").strip():
            return []
        given = amount_of(typed[name], currency)
        if given is None:
            errors[name] = _("An amount such as 500.")
        return [given] if given else []

    def count(name: str) -> int | None:
        if not typed.get(name, "").strip():
            return None
        if _whole(typed[name]) < 1:
            errors[name] = _("A whole number from 1.")
        return _whole(typed[name])

    def words(name: str) -> list[str]:
        return [part.strip() for part in typed.get(name, "").split(",") if part.strip()]

    percent, amounts = count("percent"), amount("amount")
    if (percent is None) == (not amounts) or (percent or 1) > 100:
        errors.setdefault("percent", _("Either a percentage up to 100, or an amount."))
    starts_at, ends_at = (
        _midnight(typed.get(name, ""), visitor, later) for name, later in (("starts", 0), ("ends", 1))
    )
    if starts_at and ends_at and starts_at >= ends_at:
        errors["ends"] = _("The last day comes after the first.")
    rules = VoucherRules(
        percent=percent,
        amounts=amounts,
        minimums=amount("minimum"),
        brands=words("brands"),
        categories=words("categories"),
        tiers=[tier.lower() for tier in words("tiers")],
        countries=[country.upper() for country in words("countries")],
        starts_at=starts_at,
        ends_at=ends_at,
        stackable=bool(typed.get("stackable")),
        per_member=count("per_member"),
        in_all=count("in_all"),
    )
    return rules, errors


def amount_of(text: str, currency: str) -> Money | None:
    """None for anything but an amount above nothing."""
    try:
        amount = Money.parse(text.replace(",", ""), currency)
    except MoneyError:
        return None
    return amount if amount.minor > 0 else None


def _whole(text: str) -> int:
    return int(text) if text.strip().isdecimal() and len(text) < 10 else 0


def _midnight(day: str, visitor: Visitor, days_later: int) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=days_later), time(), visitor.zone)
    except (ValueError, OverflowError):
        return None


@post("/office/promotions/vouchers/{voucher_id:str}/revoke", include_in_schema=False)
async def revoke(
    voucher_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    await found[0].promotions.revoke_voucher(voucher_id=voucher_id, operator_id=found[1].id)
    return see(f"{VOUCHERS}/vouchers/{voucher_id}", "saved")


@get("/office/promotions/gift-cards", include_in_schema=False)
async def gift_cards(
    request: WebRequest, principal: Principal, house: House, cursor: str = "", made: str = ""
) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    return found if isinstance(found, Redirect) else await _gift_cards(request, *found, Form(), cursor, made)


async def _gift_cards(
    request: WebRequest, site: Site, visitor: Visitor, form: Form, cursor: str = "", made: str = ""
) -> Response[str]:
    listed = await site.promotions.gift_cards(cursor=cursor, limit=25)
    code = None
    if made in {each.id for each in listed.items}:
        code = await site.promotions.code_of_gift_card(card_id=made)
    view = page(
        views=promotion_views(visitor, GIFT_CARDS),
        code=code,
        rows=[_gift_row(visitor, each) for each in listed.items],
        pages=cursor_pages(GIFT_CARDS, cursor, listed.next),
        form=form,
        currencies=_currencies(site),
    )
    status = 422 if form.errors or form.summary else 200
    return await office_page(request, site, visitor, "office/gift_cards.html", view, status)


def _gift_row(visitor: Visitor, card: GiftCard) -> Any:
    _ = visitor.words.gettext
    return page(
        id=card.id,
        url=f"{GIFT_CARDS}?made={card.id}",
        name=card.id[-8:].upper(),
        at=moment(visitor, card.created_at),
        reason=card.reason,
        issued=money(visitor, card.issued),
        available=money(visitor, card.available),
        held=money(visitor, card.held) if card.held.minor else "",
        state=_("Revoked") if card.revoked_at else _("Open"),
        live=card.revoked_at is None,
    )


@post("/office/promotions/gift-cards", include_in_schema=False)
async def issue(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    _ = visitor.words.gettext
    currency = typed.get("currency", "") if typed.get("currency", "") in CURRENCIES else "CNY"
    amount = amount_of(typed.get("amount", ""), currency)
    errors = {}
    if amount is None:
        errors["amount"] = _("An amount such as 500.")
    if not typed.get("reason", "").strip():
        errors["reason"] = _("Say why: it stays with the card.")
    if errors or amount is None:
        return await _gift_cards(request, site, visitor, Form(data=typed, errors=errors))
    try:
        made = await site.promotions.issue_gift_card(
            key=typed.get("idempotency_key", ""),
            amount=amount,
            reason=typed["reason"].strip()[:500],
            operator_id=visitor.id,
        )
    except Refusal as refusal:
        form = Form(data=typed, summary=refusal_text(visitor.words, refusal))
        return await _gift_cards(request, site, visitor, form)
    return see(f"{GIFT_CARDS}?made={made.id}")


@post("/office/promotions/gift-cards/{card_id:str}/revoke", include_in_schema=False)
async def revoke_card(
    card_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    await found[0].promotions.revoke_gift_card(card_id=card_id, operator_id=found[1].id)
    return see(GIFT_CARDS, "saved")
