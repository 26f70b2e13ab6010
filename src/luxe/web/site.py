"""The web unit: ports, templates, and the visitor that a page is made for."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta, tzinfo
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie, State

from luxe.kernel import context
from luxe.kernel.auth import Principal
from luxe.kernel.house import House
from luxe.kernel.http_edges import SESSION_COOKIE
from luxe.kernel.i18n import CURRENCIES, LOCALES
from luxe.kernel.saga_runs import RunsPort
from luxe.sagas.cancel.contract import Port as CancelPort
from luxe.sagas.checkout.contract import Port as CheckoutPort
from luxe.sagas.edit_order.contract import Port as EditOrderPort
from luxe.sagas.exchange.contract import Port as ExchangePort
from luxe.sagas.join.contract import Port as JoinPort
from luxe.sagas.refund.contract import Port as RefundPort
from luxe.sagas.return_item.contract import Port as ReturnItemPort
from luxe.services.bag.contract import Port as BagPort
from luxe.services.brands.contract import Port as BrandsPort
from luxe.services.catalog.contract import Category
from luxe.services.catalog.contract import Port as CatalogPort
from luxe.services.compliance.contract import Port as CompliancePort
from luxe.services.fulfilment.contract import Port as FulfilmentPort
from luxe.services.identity.contract import Account
from luxe.services.identity.contract import Port as IdentityPort
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.media.contract import Port as MediaPort
from luxe.services.membership.contract import Membership
from luxe.services.membership.contract import Port as MembershipPort
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.payments.contract import Port as PaymentsPort
from luxe.services.pricing.contract import Port as PricingPort
from luxe.services.promotions.contract import Port as PromotionsPort
from luxe.services.search.contract import Port as SearchPort
from luxe.web.design.environment import Templates
from luxe.web.design.locales import offered, words
from luxe.web.views import Chrome, Link, Notice, Pill

WebRequest = Request[Any, Any, State]

NOTICE_COOKIE = "luxe_notice"
MODEL_VIEWER_STYLE = "'sha256-PXtZZkJMMyc18o/DN1ZEFOJ2qEGq95IQbVaJFMOXOb0='"
"""The one style that model-viewer writes into the page by itself."""
_CATEGORY_SECONDS = timedelta(seconds=30)


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks at a page, in which language, currency and time zone."""

    principal: Principal
    account: Account | None
    membership: Membership | None
    locale: str
    currency: str
    zone: tzinfo
    words: Any

    @property
    def is_member(self) -> bool:
        return "member" in self.principal.roles

    @property
    def id(self) -> str:
        return self.principal.subject


class Site:
    """Built once for each process that serves the web."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.settings = house.settings
        self.identity = house.port(IdentityPort)
        self.membership = house.port(MembershipPort)
        self.loyalty = house.port(LoyaltyPort)
        self.compliance = house.port(CompliancePort)
        self.brands = house.port(BrandsPort)
        self.catalog = house.port(CatalogPort)
        self.media = house.port(MediaPort)
        self.search = house.port(SearchPort)
        self.pricing = house.port(PricingPort)
        self.inventory = house.port(InventoryPort)
        self.promotions = house.port(PromotionsPort)
        self.fulfilment = house.port(FulfilmentPort)
        self.bag = house.port(BagPort)
        self.orders = house.port(OrdersPort)
        self.payments = house.port(PaymentsPort)
        self.join = house.port(JoinPort)
        self.checkout = house.port(CheckoutPort)
        self.cancel = house.port(CancelPort)
        self.refund = house.port(RefundPort)
        self.return_item = house.port(ReturnItemPort)
        self.edit_order = house.port(EditOrderPort)
        self.exchange = house.port(ExchangePort)
        self.sagas: dict[str, RunsPort] = {
            "checkout": self.checkout,
            "join": self.join,
            "cancel": self.cancel,
            "refund": self.refund,
            "return_item": self.return_item,
            "edit_order": self.edit_order,
            "exchange": self.exchange,
        }
        self.templates = Templates(new_key=lambda: secrets.token_urlsafe(18))
        self.cache = house.cache("web")
        house.kept[Site] = self

    async def visitor(self, request: WebRequest, principal: Principal) -> Visitor:
        """The visitor behind a request; account and membership are looked up only for somebody signed in."""
        locale = _offered(context.current().locale)
        account, membership = None, None
        if principal.known:
            account, membership = await asyncio.gather(
                self.identity.account(account_id=principal.subject),
                self.membership.membership_of(account_id=principal.subject),
            )
        currency = (
            account.currency if account and account.currency in CURRENCIES else self.settings.base_currency
        )
        return Visitor(
            principal=principal,
            account=account,
            membership=membership,
            locale=locale,
            currency=currency,
            zone=zone_of(account.zone if account else ""),
            words=words(locale),
        )

    async def categories(self, locale: str) -> list[Category]:
        async def compute() -> bytes:
            return msgspec.json.encode(await self.catalog.categories(locale=locale))

        found = await self.cache.get_or_compute(f"categories:{locale}", _CATEGORY_SECONDS, compute)
        return msgspec.json.decode(found, type=list[Category])

    async def page(
        self,
        request: WebRequest,
        visitor: Visitor,
        template: str,
        view: object,
        status: int = 200,
        navigation: list[Link] | None = None,
        frame: str = "",
    ) -> Response[str]:
        """A whole page with its Content-Security-Policy; a notice left by the answer before is shown and forgotten. `frame` is the one
        origin of which the page may show a frame."""
        nonce = secrets.token_urlsafe(16)
        said = request.cookies.get(NOTICE_COOKIE, "")
        shown = [self._notice(visitor, said)] if said else []
        chrome = await self._chrome(request, visitor, nonce, shown, navigation)
        html = self.templates.render(template, locale=visitor.locale, chrome=chrome, page=view)
        answer = Response(
            html, status_code=status, media_type=MediaType.HTML, headers=security_headers(nonce, frame)
        )
        if said:
            answer.delete_cookie(NOTICE_COOKIE, path="/")
        return answer

    async def _chrome(
        self,
        request: WebRequest,
        visitor: Visitor,
        nonce: str,
        notices: list[Notice],
        rooms: list[Link] | None,
    ) -> Chrome:
        navigation = rooms or []
        count = 0
        if visitor.is_member and rooms is None:
            categories, count = await asyncio.gather(
                self.categories(visitor.locale), self.bag.count(account_id=visitor.id)
            )
            here = request.url.path
            navigation = [
                Link(label=each.name, url=f"/pieces/{each.slug}", current=here == f"/pieces/{each.slug}")
                for each in categories
                if not each.parent and each.count
            ][:6]
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return Chrome(
            locale=LOCALES[visitor.locale].tag,
            direction="rtl" if LOCALES[visitor.locale].rtl else "ltr",
            tier=visitor.membership.tier if visitor.membership and visitor.is_member else None,
            nonce=nonce,
            path=path if request.method == "GET" and "holds_card_number" not in request.scope else "/",
            member=visitor.account.name if visitor.account else None,
            bag_count=count,
            navigation=navigation,
            languages=[
                Pill(value=info.tag, label=info.name, current=info.tag == visitor.locale)
                for info in offered()
            ],
            currencies=[Pill(value=code, label=code, current=code == visitor.currency) for code in CURRENCIES]
            if visitor.is_member
            else [],
            notices=notices,
        )

    def _notice(self, visitor: Visitor, code: str) -> Notice:
        _ = visitor.words.gettext
        texts = {
            "in_bag": Notice(text=_("It is in your bag."), url="/bag", link=_("See the bag")),
            "saved": Notice(text=_("Saved.")),
            "waiting": Notice(text=_("We write to you when it is back.")),
            "signed_out": Notice(text=_("You are signed out.")),
            "signed_out_everywhere": Notice(text=_("Every other device is signed out.")),
            "passkey_added": Notice(text=_("The passkey is added.")),
            "checkout_abandoned": Notice(text=_("Nothing was charged. Your pieces are back in your bag.")),
            "email_verified": Notice(text=_("Your e-mail address is confirmed.")),
        }
        return texts.get(code, Notice(text=""))


def site_of(house: House) -> Site:
    return house.kept[Site]


def _offered(locale: str) -> str:
    return locale if locale in {info.tag for info in offered()} else "en"


def zone_of(name: str) -> tzinfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def security_headers(nonce: str, frame: str = "") -> dict[str, str]:
    framed = f"; frame-src {frame}" if frame else ""
    policy = (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}' {MODEL_VIEWER_STYLE}; "
        "img-src 'self' data: blob:; font-src 'self'; connect-src 'self' blob: data:; media-src 'self'; worker-src 'self' blob:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'" + framed
    )
    return {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self)",
    }


def see(url: str, notice: str = "") -> Response[None]:
    """Sends the browser on after a POST."""
    headers = {"location": url, "cache-control": "no-store"}
    cookies = (
        [Cookie(key=NOTICE_COOKIE, value=notice, path="/", httponly=True, samesite="lax", max_age=60)]
        if notice
        else []
    )
    return Response(None, status_code=HTTPStatus.SEE_OTHER, headers=headers, cookies=cookies)


def is_secure(site: Site) -> bool:
    """Whether cookies may be kept to encrypted connections."""
    return site.settings.public_url.startswith("https:")


def with_session(answer: Response[Any], token: str, secure: bool) -> Response[Any]:
    """Sets the session's cookie; an empty token takes it away."""
    if not token:
        answer.delete_cookie(SESSION_COOKIE, path="/")
        return answer
    answer.set_cookie(
        key=SESSION_COOKIE,
        value=token,
        path="/",
        httponly=True,
        samesite="lax",
        secure=secure,
        max_age=int(timedelta(days=30).total_seconds()),
    )
    return answer


def local_path(wanted: str, otherwise: str = "/") -> str:
    """A path of our own to go back to; anything else becomes `otherwise`."""
    if (
        wanted.startswith("/")
        and not wanted.startswith(("//", "/\\"))
        and "\n" not in wanted
        and "\r" not in wanted
    ):
        return wanted
    return otherwise


def gate_for(path: str) -> str:
    return f"/sign-in?return_to={quote(path)}"


async def fields(request: WebRequest) -> dict[str, str]:
    """A posted form as text fields, each at most 10,000 characters; the last value of a name wins."""
    form = await request.form()
    return {name: value[:10_000] for name, value in form.items() if isinstance(value, str)}


def device_of(request: WebRequest) -> str:
    return request.headers.get("user-agent", "")[:300]


def address_of(request: WebRequest) -> str:
    forwarded = request.headers.get("x-forwarded-for", "")
    return forwarded.split(",")[0].strip() or (request.client.host if request.client else "")
