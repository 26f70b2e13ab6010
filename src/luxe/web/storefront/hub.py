"""The account: card, progress, benefits, points."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.services.loyalty.contract import StatementLine
from luxe.services.membership.contract import Benefit
from luxe.services.promotions.contract import GivenGift
from luxe.web.site import Visitor, WebRequest
from luxe.web.storefront.guard import member
from luxe.web.storefront.membership_words import benefit_text
from luxe.web.storefront.orders import order_row
from luxe.web.storefront.tiers import member_card, tier_progress
from luxe.web.views import Pages, page
from luxe.web.words import points_text, signed_text


@get("/account", include_in_schema=False)
async def account(request: WebRequest, principal: Principal, house: House) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    _ = visitor.words.gettext
    assert visitor.account is not None
    assert visitor.membership is not None
    balance = await site.loyalty.balance(account_id=visitor.id)
    worth = await site.loyalty.worth(points=balance.available, currency=visitor.currency)
    latest = await site.orders.orders(account_id=visitor.id, limit=3)
    given = await site.promotions.gifts_given_to(account_id=visitor.id)
    until = i18n.format_date(visitor.membership.until, visitor.locale, visitor.zone)
    view = page(
        name=visitor.account.name,
        card=member_card(visitor),
        progress=tier_progress(visitor),
        benefits=[_benefit(visitor, each) for each in visitor.membership.benefits],
        points_text=i18n.format_number(balance.available, visitor.locale),
        points_detail=_worth_text(visitor, worth.worth),
        gifts=[_gift(visitor, each) for each in given if each.available.minor],
        orders=[order_row(visitor, each) for each in latest.items],
        renewal_text=_("Your membership runs until %(date)s.") % {"date": until},
    )
    return await site.page(request, visitor, "storefront/account/account.html", view)


def _worth_text(visitor: Visitor, worth: Money) -> str:
    _ = visitor.words.gettext
    if not worth.minor:
        return _("Every order earns some.")
    return _("Worth %(amount)s at your next order") % {"amount": i18n.format_money(worth, visitor.locale)}


def _gift(visitor: Visitor, gift: GivenGift) -> Any:
    _ = visitor.words.gettext
    left = i18n.format_money(gift.available, visitor.locale)
    return page(name=gift.name, left=_("%(amount)s left") % {"amount": left}, code=gift.code)


def _benefit(visitor: Visitor, benefit: Benefit) -> Any:
    _ = visitor.words.gettext
    left = _("Whenever you like")
    if benefit.quota is not None:
        left = _("%(left)s of %(quota)s left this year") % {
            "left": i18n.format_number(benefit.quota - benefit.used, visitor.locale),
            "quota": i18n.format_number(benefit.quota, visitor.locale),
        }
    return page(name=benefit_text(visitor.words, benefit.code), left=left, detail="")


@get("/account/points", include_in_schema=False)
async def points(
    request: WebRequest, principal: Principal, house: House, cursor: str = ""
) -> Response[str] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    _ = visitor.words.gettext
    balance = await site.loyalty.balance(account_id=visitor.id)
    worth = await site.loyalty.worth(points=balance.available, currency=visitor.currency)
    statement = await site.loyalty.statement(account_id=visitor.id, cursor=cursor)
    expiring = None
    if balance.expiring and balance.expires_at:
        expiring = _("%(points)s expire on %(date)s.") % {
            "points": i18n.format_number(balance.expiring, visitor.locale),
            "date": i18n.format_date(balance.expires_at, visitor.locale, visitor.zone),
        }
    pages = None
    if statement.next or cursor:
        pages = Pages(
            previous_url="/account/points" if cursor else None,
            next_url=f"/account/points?cursor={statement.next}" if statement.next else None,
        )
    view = page(
        balance_text=i18n.format_number(balance.available, visitor.locale),
        worth_text=_worth_text(visitor, worth.worth),
        expiring_text=expiring,
        owed_text=_("%(points)s are owed after a refund. What you earn next pays them first.")
        % {"points": i18n.format_number(balance.owed, visitor.locale)}
        if balance.owed
        else None,
        entries=[_entry(visitor, each) for each in statement.items],
        pages=pages,
    )
    return await site.page(request, visitor, "storefront/account/points.html", view)


def _entry(visitor: Visitor, line: StatementLine) -> Any:
    _ = visitor.words.gettext
    detail = None
    if line.owed > 0:
        detail = _("%(points)s more are owed") % {"points": i18n.format_number(line.owed, visitor.locale)}
    return page(
        date=i18n.format_date(line.at, visitor.locale, visitor.zone),
        text=points_text(visitor.words, line.kind),
        detail=detail,
        amount=signed_text(line.points, visitor.locale),
        balance=i18n.format_number(line.balance, visitor.locale),
        url=f"/orders/{line.reference}" if line.reference.startswith("ord_") else None,
    )
