"""Checkout: address, delivery, points, review, then the PSP's own page and back.

What was chosen so far rides in a signed cookie; addresses are kept in the member's address book.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, timedelta
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from luxe.kernel import clock, i18n
from luxe.kernel.auth import Principal
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.sagas.checkout.contract import CheckoutInput, CheckoutLine, CheckoutView
from luxe.services.loyalty.contract import PointsWorth
from luxe.services.orders.contract import SavedAddress
from luxe.web.progress import SETTLES_WITHIN, event_stream
from luxe.web.site import Site, Visitor, WebRequest, fields, is_secure, see, site_of
from luxe.web.storefront.addresses import address_errors, address_lines, country_choices, typed_address
from luxe.web.storefront.bag import Contents, contents, summary_lines, totals
from luxe.web.storefront.guard import member
from luxe.web.storefront.open_payment import digest, still_open
from luxe.web.views import Form, RadioCard, Total, page
from luxe.web.words import code_text

COOKIE = "luxe_checkout"
_STEPS = ("address", "delivery", "points", "review")
_LEAD_DAYS = (4, 5, 6, 9)


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What the member has said so far. `points` None until that step is done; `run` is the last try to pay, for `digest`."""

    account_id: str = ""
    address_id: str = ""
    deliver_on: date | None = None
    gift_wrap: bool = False
    gift_note: str = ""
    points: int | None = None
    run: str = ""
    digest: str = ""

    @property
    def next_step(self) -> str:
        if not self.address_id:
            return "address"
        if self.deliver_on is None:
            return "delivery"
        return "points" if self.points is None else "review"


def _seal(site: Site, chosen: Chosen) -> str:
    body = urlsafe_b64encode(msgspec.json.encode(chosen)).decode()
    return f"{body}.{_signature(site, body)}"


def _signature(site: Site, body: str) -> str:
    made = hmac.new(site.settings.secret.encode(), b"checkout" + body.encode(), hashlib.sha256)
    return made.hexdigest()[:32]


def _open(site: Site, visitor: Visitor, cookie: str) -> Chosen:
    """The choices of this member; a cookie that is not ours, or another member's, is as if there were none."""
    body, _, signature = cookie.rpartition(".")
    fresh = Chosen(account_id=visitor.id)
    if not body or not hmac.compare_digest(signature, _signature(site, body)):
        return fresh
    try:
        chosen = msgspec.json.decode(urlsafe_b64decode(body), type=Chosen)
    except (msgspec.DecodeError, ValueError):
        return fresh
    today = clock.now().date()
    if chosen.account_id != visitor.id or (chosen.deliver_on is not None and chosen.deliver_on < today):
        return fresh
    return chosen


def _keep(site: Site, chosen: Chosen, url: str = "/checkout") -> Response[None]:
    answer = see(url)
    answer.set_cookie(
        key=COOKIE,
        value=_seal(site, chosen),
        path="/checkout",
        httponly=True,
        samesite="lax",
        secure=is_secure(site),
        max_age=3600,
    )
    return answer


@get("/checkout", include_in_schema=False)
async def show(
    request: WebRequest, principal: Principal, house: House, step: str = "", problem: str = ""
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    return await _page(request, *found, step=step, problem=problem)


async def _page(
    request: WebRequest,
    site: Site,
    visitor: Visitor,
    *,
    step: str = "",
    problem: str = "",
    form: Form | None = None,
) -> Response[Any]:
    inside = await contents(site, visitor)
    if not inside.buyable:
        return see("/bag?problem=bag_empty" if not inside.bag.lines else "/bag")
    chosen = _open(site, visitor, request.cookies.get(COOKIE, ""))
    saved = await site.orders.addresses(account_id=visitor.id)
    address = next((each for each in saved if each.id == chosen.address_id), None)
    if address is None:
        chosen = msgspec.structs.replace(chosen, address_id="")
    reachable = _STEPS[: _STEPS.index(chosen.next_step) + 1]
    here = step if step in reachable else chosen.next_step
    offer = await site.loyalty.redeemable(account_id=visitor.id, total=inside.quote.total)
    worth = await _worth(site, visitor, chosen.points or 0, offer)
    view = await _view(
        site, visitor, inside, chosen, saved, address, offer, worth, here, problem, form or Form()
    )
    status = 422 if form and (form.errors or form.summary) else 200
    return await site.page(request, visitor, "storefront/shop/checkout.html", view, status=status)


async def _worth(site: Site, visitor: Visitor, points: int, offer: PointsWorth) -> Money:
    """What a number of points takes off, in the member's currency."""
    if not points or not offer.points:
        return Money.zero(visitor.currency)
    return (await site.loyalty.worth(points=min(points, offer.points), currency=visitor.currency)).worth


async def _view(
    site: Site,
    visitor: Visitor,
    inside: Contents,
    chosen: Chosen,
    saved: list[SavedAddress],
    address: SavedAddress | None,
    offer: PointsWorth,
    worth: Money,
    here: str,
    problem: str,
    form: Form,
) -> object:
    _ = visitor.words.gettext
    balance = await site.loyalty.balance(account_id=visitor.id)
    payable = inside.quote.total - worth
    taken = (
        [Total(label=_("Points"), value="−" + i18n.format_money(worth, visitor.locale))]
        if worth.minor
        else []
    )
    shown = msgspec.structs.replace(inside.quote, total=payable)
    usable = i18n.format_number(offer.points, visitor.locale)
    return page(
        step=here,
        addresses=[
            RadioCard(
                value=each.id,
                label=each.address.name,
                detail=", ".join(address_lines(visitor, each.address)[1:]),
                current=each.id == chosen.address_id or (not chosen.address_id and each is saved[0]),
            )
            for each in saved
        ],
        countries=country_choices(visitor),
        deliveries=_deliveries(visitor, chosen),
        wrappings=[
            RadioCard(value="house", label=_("Box and cloth of the house"), current=not chosen.gift_wrap),
            RadioCard(value="gift", label=_("As a gift, no price inside"), current=chosen.gift_wrap),
        ],
        points=page(
            balance_text=_("You have %(points)s points")
            % {"points": i18n.format_number(balance.available, visitor.locale)},
            usable=offer.points,
            usable_text=_("Up to %(points)s here, worth %(amount)s")
            % {"points": usable, "amount": i18n.format_money(offer.worth, visitor.locale)},
            rule=_("Points can pay for up to half of an order."),
        )
        if offer.points
        else None,
        address_lines=address_lines(visitor, address.address) if address else [],
        delivery_summary=_delivery_text(visitor, chosen.deliver_on) if chosen.deliver_on else "",
        points_summary=_points_text(visitor, chosen.points or 0, worth),
        lines=summary_lines(visitor, inside),
        totals=totals(visitor, shown, *taken),
        pay_text=_("Pay %(amount)s") % {"amount": i18n.format_money(payable, visitor.locale)},
        problem=code_text(visitor.words, problem) if problem else None,
        form=_note_kept(form, chosen, here),
    )


def _note_kept(form: Form, chosen: Chosen, here: str) -> Form:
    if form.data or here not in ("delivery", "points"):
        return form
    kept = {"gift_note": chosen.gift_note} if here == "delivery" else {"points": str(chosen.points or "")}
    return msgspec.structs.replace(form, data=kept)


def _delivery_text(visitor: Visitor, day: date) -> str:
    date_text = i18n.format_date(day, visitor.locale, style="full")
    return visitor.words.gettext("By hand, %(date)s") % {"date": date_text}


def _points_text(visitor: Visitor, points: int, worth: Money) -> str:
    _ = visitor.words.gettext
    if not points:
        return _("No points used")
    return _("%(points)s points, %(amount)s") % {
        "points": i18n.format_number(points, visitor.locale),
        "amount": i18n.format_money(worth, visitor.locale),
    }


def _deliveries(visitor: Visitor, chosen: Chosen) -> list[RadioCard]:
    today = clock.now().astimezone(visitor.zone).date()
    days = [today + timedelta(days=lead) for lead in _LEAD_DAYS]
    _ = visitor.words.gettext
    return [
        RadioCard(
            value=day.isoformat(),
            label=_delivery_text(visitor, day),
            aside=_("Included"),
            current=day == (chosen.deliver_on or days[0]),
        )
        for day in days
    ]


@post("/checkout/address", include_in_schema=False)
async def choose_address(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    chosen = _open(site, visitor, request.cookies.get(COOKIE, ""))
    address_id = typed.get("address", "new")
    if address_id == "new":
        try:
            address_id = (
                await site.orders.save_address(account_id=visitor.id, address=typed_address(typed))
            ).id
        except Refusal as refusal:
            form = address_errors(visitor, typed, refusal)
            return await _page(request, site, visitor, step="address", form=form)
    return _keep(site, msgspec.structs.replace(chosen, address_id=address_id))


@post("/checkout/delivery", include_in_schema=False)
async def choose_delivery(
    request: WebRequest, principal: Principal, house: House
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    chosen = _open(site, visitor, request.cookies.get(COOKIE, ""))
    if typed.get("delivery") not in {card.value for card in _deliveries(visitor, chosen)}:
        form = Form(data=typed, errors={"delivery": visitor.words.gettext("Choose a day.")})
        return await _page(request, site, visitor, step="delivery", form=form)
    changed = msgspec.structs.replace(
        chosen,
        deliver_on=date.fromisoformat(typed["delivery"]),
        gift_wrap=typed.get("wrapping") == "gift",
        gift_note=typed.get("gift_note", "").strip()[:300],
    )
    return _keep(site, changed)


@post("/checkout/points", include_in_schema=False)
async def choose_points(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    typed = await fields(request)
    chosen = _open(site, visitor, request.cookies.get(COOKIE, ""))
    text = typed.get("points", "").strip() or "0"
    inside = await contents(site, visitor)
    offer = await site.loyalty.redeemable(account_id=visitor.id, total=inside.quote.total)
    if not text.isdecimal() or int(text) > offer.points:
        form = Form(data=typed, errors={"points": code_text(visitor.words, "points_invalid")})
        return await _page(request, site, visitor, step="points", form=form)
    return _keep(site, msgspec.structs.replace(chosen, points=int(text)))


@post("/checkout/pay", include_in_schema=False)
async def pay(request: WebRequest, principal: Principal, house: House) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    key = (await fields(request)).get("idempotency_key", "")
    chosen = _open(site, visitor, request.cookies.get(COOKIE, ""))
    inside = await contents(site, visitor)
    saved = {each.id: each for each in await site.orders.addresses(account_id=visitor.id)}
    if not inside.buyable or not key:
        return see("/bag")
    if chosen.next_step != "review" or chosen.address_id not in saved or chosen.deliver_on is None:
        return see("/checkout")
    offer = await site.loyalty.redeemable(account_id=visitor.id, total=inside.quote.total)
    worth = await _worth(site, visitor, chosen.points or 0, offer)
    wanted = CheckoutInput(
        account_id=visitor.id,
        lines=[CheckoutLine(variant_id=line.variant_id, quantity=line.quantity) for line in inside.buyable],
        currency=visitor.currency,
        address=saved[chosen.address_id].address,
        deliver_on=chosen.deliver_on,
        points=min(chosen.points or 0, offer.points),
        expected=inside.quote.total - worth,
        locale=visitor.locale,
        gift_message=chosen.gift_note,
        gift_wrap=chosen.gift_wrap,
    )
    mark = digest(wanted)
    if pay_at := await still_open(site, visitor.id, chosen.run, same=mark == chosen.digest):
        return see(pay_at)
    try:
        run = (await site.checkout.start(key=key, input=wanted)).run
    except Refusal as refusal:
        return see(f"/checkout?problem={refusal.code}")
    view = await site.checkout.watch(run=run, account_id=visitor.id, seconds=SETTLES_WITHIN)
    leads = view.pay_at or where(view) or f"/checkout/return?run={run}"
    return _keep(site, msgspec.structs.replace(chosen, run=run, digest=mark), leads)


def where(view: CheckoutView) -> str:
    """Where a checkout that has ended leads, or nothing while it runs."""
    if view.state == "done":
        return f"/orders/{view.order_id}?fresh=yes"
    if view.state in ("refused", "ended"):
        return f"/checkout?problem={view.problem_code}"
    return ""


@get("/checkout/return", include_in_schema=False)
async def returned(
    request: WebRequest, principal: Principal, house: House, run: str
) -> Response[Any] | Redirect:
    found = await member(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, visitor = found
    await site.checkout.returned(run=run, account_id=visitor.id)
    view = await site.checkout.watch(run=run, account_id=visitor.id, seconds=2, ended=True)
    if target := where(view):
        answer = see(target)
        answer.delete_cookie(COOKIE, path="/checkout")
        return answer if view.state == "done" else see(target)
    shown = page(
        text=_waiting_text(visitor, view),
        amount_text="",
        events_url=f"/checkout/events?run={run}",
        status_url=f"/checkout/status?run={run}",
    )
    return await site.page(request, visitor, "storefront/shop/checkout_waiting.html", shown)


def _waiting_text(visitor: Visitor, view: CheckoutView) -> str:
    _ = visitor.words.gettext
    if view.step in ("place", "capture", "commit"):
        return _("The bank has said yes. We are writing your order.")
    return _("We are asking the payment provider.")


async def _progress(site: Site, visitor: Visitor, run: str) -> dict[str, str | None]:
    view = await site.checkout.view(run=run, account_id=visitor.id)
    return {"text": _waiting_text(visitor, view), "location": where(view) or None}


@get("/checkout/status", include_in_schema=False)
async def status(request: WebRequest, principal: Principal, house: House, run: str) -> Response[Any]:
    site = site_of(house)
    visitor = await site.visitor(request, principal)
    return Response(await _progress(site, visitor, run), headers={"cache-control": "no-store"})


@get("/checkout/events", include_in_schema=False)
async def events(request: WebRequest, principal: Principal, house: House, run: str) -> Response[Any]:
    site = site_of(house)
    visitor = await site.visitor(request, principal)
    return event_stream(lambda: _progress(site, visitor, run))
