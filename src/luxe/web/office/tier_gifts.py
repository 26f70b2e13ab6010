"""Gifts for reaching a tier: made, ended, and how many members have each."""

from __future__ import annotations

from typing import Any, get_args

from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.kernel.i18n import CURRENCIES
from luxe.services.membership.contract import Tier
from luxe.services.promotions.contract import TierGift
from luxe.web.office.desk import moment, money, office_page, operator
from luxe.web.office.promotions import TIER_GIFTS, amount_of, promotion_views
from luxe.web.site import Site, Visitor, WebRequest, fields, see
from luxe.web.views import Choice, Form, page
from luxe.web.words import refusal_text, tier_name

_TIERS = get_args(Tier)


@get("/office/promotions/tier-gifts", include_in_schema=False)
async def tier_gifts(request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    found = await operator(request, principal, house)
    return found if isinstance(found, Redirect) else await _page(request, *found, Form())


async def _page(request: WebRequest, site: Site, visitor: Visitor, form: Form) -> Response[str]:
    base = site.settings.base_currency
    view = page(
        views=promotion_views(visitor, TIER_GIFTS),
        rows=[_row(visitor, each) for each in await site.promotions.tier_gifts()],
        form=form,
        tiers=[
            Choice(
                value=tier,
                label=tier_name(visitor.words, tier),
                current=tier == form.data.get("tier", _TIERS[0]),
            )
            for tier in _TIERS
        ],
        currencies=sorted(CURRENCIES, key=lambda code: code != base),
        base=base,
    )
    status = 422 if form.errors or form.summary else 200
    return await office_page(request, site, visitor, "office/tier_gifts.html", view, status)


def _row(visitor: Visitor, gift: TierGift) -> Any:
    _ = visitor.words.gettext
    return page(
        id=gift.id,
        name=gift.name,
        at=moment(visitor, gift.created_at),
        tier=tier_name(visitor.words, gift.tier),
        amounts=[money(visitor, amount) for amount in gift.amounts],
        given=i18n.format_number(gift.given, visitor.locale),
        state=_("Ended") if gift.ended_at else _("Open"),
        live=gift.ended_at is None,
    )


@post("/office/promotions/tier-gifts", include_in_schema=False)
async def make_tier_gift(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    _ = visitor.words.gettext
    amounts, errors = [], {}
    for currency in CURRENCIES:
        text = typed.get(currency, "").strip()
        amount = amount_of(text, currency)
        if amount is not None:
            amounts.append(amount)
        elif text or currency == site.settings.base_currency:
            errors[currency] = _("An amount such as 500.")
    if not typed.get("name", "").strip():
        errors["name"] = _("Members read this name.")
    if typed.get("tier", "") not in _TIERS:
        errors["tier"] = _("Choose one.")
    if errors:
        return await _page(request, site, visitor, Form(data=typed, errors=errors))
    try:
        await site.promotions.make_tier_gift(
            key=typed.get("idempotency_key", ""),
            tier=typed["tier"],
            name=typed["name"].strip()[:120],
            amounts=amounts,
            operator_id=visitor.id,
        )
    except Refusal as refusal:
        return await _page(
            request, site, visitor, Form(data=typed, summary=refusal_text(visitor.words, refusal))
        )
    return see(TIER_GIFTS, "saved")


@post("/office/promotions/tier-gifts/{gift_id:str}/end", include_in_schema=False)
async def end_tier_gift(
    gift_id: str, request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    await found[0].promotions.end_tier_gift(gift_id=gift_id, operator_id=found[1].id)
    return see(TIER_GIFTS, "saved")
