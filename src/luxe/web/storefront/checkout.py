"""The page of checkout: address, delivery, points, review. Its forms are in `checkout_steps`, the way back from the
payment provider in `checkout_return`; addresses are kept in the member's address book."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get
from litestar.response import Redirect

from luxe.kernel import i18n
from luxe.kernel.auth import Principal
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.services.loyalty.contract import PointsWorth
from luxe.services.orders.contract import SavedAddress
from luxe.services.payments.contract import Method
from luxe.web.site import Site, Visitor, WebRequest, see
from luxe.web.storefront import codes
from luxe.web.storefront.addresses import address_lines, country_choices
from luxe.web.storefront.changes import note_seen, warnings
from luxe.web.storefront.chosen import STEPS, Chosen, chosen_by
from luxe.web.storefront.contents import Contents, contents, summary_lines, totals, why
from luxe.web.storefront.deliveries import JOINT, Way, way_cards, way_text, ways
from luxe.web.storefront.guard import member
from luxe.web.views import Form, RadioCard, page
from luxe.web.words import code_text


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A checkout as it stands: what is bought, what was chosen so far, and what could be."""

    inside: Contents
    chosen: Chosen
    entered: list[str]
    saved: list[SavedAddress]
    address: SavedAddress | None


async def standing(request: WebRequest, site: Site, visitor: Visitor) -> Standing:
    chosen = chosen_by(request, site, visitor)
    saved = await site.orders.addresses(account_id=visitor.id)
    address = next((each for each in saved if each.id == chosen.address_id), None)
    if address is None:
        chosen = msgspec.structs.replace(chosen, address_id="")
    entered = codes.entered(request, site, visitor)
    where = address or next(iter(saved), None)
    inside = await contents(
        site, visitor, entered, where.address if where else None, chosen.points or 0, chosen.delivery
    )
    return Standing(inside=inside, chosen=chosen, entered=entered, saved=saved, address=address)


@get("/checkout", include_in_schema=False)
async def show(
    request: WebRequest,
    principal: Principal,
    house: House,
    step: str = "",
    problem: str = "",
    code: str = "",
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    return await checkout_page(request, *found, step=step, problem=problem, code=code)


async def checkout_page(
    request: WebRequest,
    site: Site,
    visitor: Visitor,
    *,
    step: str = "",
    problem: str = "",
    code: str = "",
    form: Form | None = None,
) -> Response[Any]:
    stands = await standing(request, site, visitor)
    if not stands.inside.buyable:
        return see("/bag?problem=bag_empty" if not stands.inside.bag.lines else "/bag")
    reachable = STEPS[: STEPS.index(stands.chosen.next_step) + 1]
    here = step if step in reachable else stands.chosen.next_step
    offer = await site.loyalty.redeemable(account_id=visitor.id, total=stands.inside.quote.total)
    balance = await site.loyalty.balance(account_id=visitor.id)
    methods: list[Method] = []
    if here == "review" and stands.address is not None and stands.inside.quote.payable.minor:
        methods = await site.payments.methods(
            country=stands.address.address.country, currency=visitor.currency
        )
    found = await ways_of(site, visitor, stands) if here == "delivery" else []
    problem = problem or (stands.inside.trouble if stands.inside.trouble != "too_many_attempts" else "")
    view = _view(
        visitor, stands, offer, balance.available, methods, found, here, problem, code, form or Form()
    )
    status = 422 if form and (form.errors or form.summary) else 200
    answer = await site.page(request, visitor, "storefront/shop/checkout.html", view, status=status)
    codes.forget_wrong(request, site, visitor, stands.inside.quote, answer)
    await note_seen(site, visitor, stands.inside)
    return answer


def _view(
    visitor: Visitor,
    stands: Standing,
    offer: PointsWorth,
    balance: int,
    methods: list[Method],
    found: list[Way],
    here: str,
    problem: str,
    code: str,
    form: Form,
) -> object:
    inside, chosen, quote = stands.inside, stands.chosen, stands.inside.quote
    address = stands.address.address if stands.address else None
    return page(
        step=here,
        addresses=_addresses(visitor, stands),
        countries=country_choices(visitor),
        deliveries=way_cards(visitor, found, _chosen_way(chosen)),
        wrappings=_wrappings(visitor, chosen),
        points=_points(visitor, offer, balance) if offer.points else None,
        address_lines=address_lines(visitor, address) if address else [],
        delivery_summary=way_text(visitor, chosen.delivery, chosen.deliver_on, chosen.hours)
        if chosen.deliver_on
        else "",
        points_summary=_points_text(visitor, quote.points, quote.points_worth),
        lines=summary_lines(visitor, inside),
        totals=totals(visitor, quote),
        codes=codes.codes_view(visitor, quote, stands.entered, "/checkout", code),
        reasons=why(visitor, inside),
        methods=_methods(visitor, methods),
        pay_text=_pay_text(visitor, quote.payable),
        expected=seen_text(quote.payable),
        charged=bool(quote.payable.minor),
        bag=inside.bag.version,
        warnings=warnings(visitor, inside),
        problem=code_text(visitor.words, problem) if problem else None,
        form=_note_kept(form, chosen, here),
    )


def seen_text(payable: Money) -> str:
    """What a page says is to be paid, as its form brings it back."""
    return f"{payable.minor} {payable.currency}"


def _pay_text(visitor: Visitor, payable: Money) -> str:
    _ = visitor.words.gettext
    if not payable.minor:
        return _("Place the order")
    return _("Pay %(amount)s") % {"amount": i18n.format_money(payable, visitor.locale)}


def _addresses(visitor: Visitor, stands: Standing) -> list[RadioCard]:
    chosen = stands.chosen.address_id
    return [
        RadioCard(
            value=each.id,
            label=each.address.name,
            detail=", ".join(address_lines(visitor, each.address)[1:]),
            current=each.id == chosen or (not chosen and each is stands.saved[0]),
        )
        for each in stands.saved
    ]


def _wrappings(visitor: Visitor, chosen: Chosen) -> list[RadioCard]:
    _ = visitor.words.gettext
    return [
        RadioCard(value="house", label=_("Box and cloth of the house"), current=not chosen.gift_wrap),
        RadioCard(value="gift", label=_("As a gift, no price inside"), current=chosen.gift_wrap),
    ]


def _points(visitor: Visitor, offer: PointsWorth, balance: int) -> object:
    _ = visitor.words.gettext
    return page(
        balance_text=_("You have %(points)s points")
        % {"points": i18n.format_number(balance, visitor.locale)},
        usable=offer.points,
        usable_text=_("Up to %(points)s here, worth %(amount)s")
        % {
            "points": i18n.format_number(offer.points, visitor.locale),
            "amount": i18n.format_money(offer.worth, visitor.locale),
        },
        rule=_("Points can pay for up to half of an order."),
    )


def _methods(visitor: Visitor, methods: list[Method]) -> list[RadioCard]:
    """The names are the schemes' own, in the order of what people there use most; a card is a card in every language. Who
    names none chooses on the provider's page."""
    _ = visitor.words.gettext
    names = {"card": _("Card"), "bank_transfer": _("Bank transfer")}
    named = [RadioCard(value=each.id, label=names.get(each.id, each.name)) for each in methods]
    return [RadioCard(value="", label=_("Choose on the payment page"), current=True), *named] if named else []


def _note_kept(form: Form, chosen: Chosen, here: str) -> Form:
    if form.data or here not in ("delivery", "points"):
        return form
    kept = {"gift_note": chosen.gift_note} if here == "delivery" else {"points": str(chosen.points or "")}
    return msgspec.structs.replace(form, data=kept)


def _points_text(visitor: Visitor, points: int, worth: Money) -> str:
    _ = visitor.words.gettext
    if not points:
        return _("No points used")
    return _("%(points)s points, %(amount)s") % {
        "points": i18n.format_number(points, visitor.locale),
        "amount": i18n.format_money(worth, visitor.locale),
    }


def _chosen_way(chosen: Chosen) -> str:
    day = chosen.deliver_on.isoformat() if chosen.deliver_on else ""
    return JOINT.join((chosen.delivery, day, chosen.slot))


async def ways_of(site: Site, visitor: Visitor, stands: Standing) -> list[Way]:
    """The ways of delivery that there are for this checkout."""
    address = stands.address.address if stands.address else None
    inside = stands.inside
    return await ways(site, visitor, inside.quote.delivery_methods, address, inside.complete_on)
