"""The hosted page: one address per intent that always shows what the payer can do next; no JavaScript."""

import base64
import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response, Router, get, post
from litestar.response import Redirect

from .acquirer import Acquirer
from .amounts import written
from .api import acquirer_of
from .cards import TEST_CARDS, brand_of, check_card, method_of
from .rules import ALLOWED, CHALLENGE_TRIES, Intent
from .texts import TEXTS, language_of
from .wire import CARDS, ELSEWHERE, SLIPS, Method, PaidWith, Refusal

_FOLDER = Path(__file__).parent / "templates"
_STYLE = (_FOLDER / "style.css").read_text()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_BRANDS = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "amex": "American Express",
    "jcb": "JCB",
    "mada": "mada",
}
BANKS = ("ABN AMRO", "ASN Bank", "bunq", "ING", "Rabobank", "Triodos Bank")
SHOPS = ("FamilyMart", "Lawson", "MINISTOP", "Seicomart")
_ELSEWHERE: dict[str, Method] = {str(method): method for method in ELSEWHERE}
Page = Response[str] | Redirect


class Shown:
    """An intent as its page sees it: words, money and addresses."""

    def __init__(self, acquirer: Acquirer, intent: Intent):
        self.intent, self.merchant = intent, acquirer.settings.merchant
        self.language = language_of(intent.locale)
        self.direction = "rtl" if self.language == "ar" else "ltr"
        self.amount = written(intent.amount, intent.currency, self.language)
        self.base = f"{urlsplit(acquirer.settings.public_url).path}/pay/{intent.id}"
        self.return_url = back_to_merchant(intent)

    def say(self, key: str, **words: Any) -> str:
        return TEXTS[self.language][key].format(merchant=self.merchant, amount=self.amount, **words)

    def reason(self) -> str:
        code = f"f_{self.intent.failure_code}"
        return self.say(code if code in TEXTS[self.language] else "f_card_declined")

    def standing(self) -> str:
        """To the payer, a payment that their bank contests is one that was made."""
        return "captured" if self.intent.status == "disputed" else self.intent.status

    def only(self) -> Method | None:
        """The method with a page of its own that was chosen before the payer came here."""
        alone = self.intent.methods[0] if len(self.intent.methods) == 1 else None
        return alone if alone in ELSEWHERE else None

    def code(self) -> str:
        """What the payer shows at the till, or pastes into the bank's app."""
        digest = int(hashlib.sha256(self.intent.id.encode()).hexdigest(), 16)
        if self.intent.method is not None and self.intent.method.type == "pix":
            return f"00020126br.gov.bcb.pix{digest % 10**24:024d}"
        return f"{digest % 10**6:06d}-{digest // 10**6 % 10**11:011d}"

    def due(self) -> str:
        return f"{datetime.fromtimestamp(self.intent.expires_at, UTC):%Y-%m-%d %H:%M} UTC"

    def brand(self) -> str:
        method = self.intent.method
        if method is None:
            return ""
        if method.type not in CARDS:
            return self.say(method.type)
        return f"{_BRANDS[method.brand or 'visa']} •••• {method.last4}"


def back_to_merchant(intent: Intent) -> str:
    """The merchant's return address with `intent` and `status` added to its query."""
    parts = urlsplit(intent.return_url)
    query = [
        *parse_qsl(parts.query, keep_blank_values=True),
        ("intent", intent.id),
        ("status", intent.status),
    ]
    return urlunsplit(parts._replace(query=urlencode(query)))


def render(template: str, shown: Shown, status: int = 200, **context: Any) -> Response[str]:
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(shown.intent.return_url))
    page = written_page(template, shown, tries=CHALLENGE_TRIES, **context)
    headers = page_headers(f"'self' {origin}")
    return Response(page, status_code=status, media_type="text/html", headers=headers)


def written_page(template: str, shown: Shown, **context: Any) -> str:
    return _TEMPLATES.get_template(template).render(p=shown, say=shown.say, style=_STYLE, **context)


def page_headers(form_action: str, *, script: str = "'none'", ancestors: str = "'none'") -> dict[str, str]:
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; script-src {script}; connect-src 'self'; img-src data:; "
        f"form-action {form_action}; base-uri 'none'; frame-ancestors {ancestors}"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }


def draw_missing() -> Response[str]:
    page = _TEMPLATES.get_template("missing.html").render(style=_STYLE)
    return Response(page, status_code=404, media_type="text/html", headers=page_headers("'none'"))


def _shown(request: Request[Any, Any, Any], intent_id: str) -> Shown:
    acquirer = acquirer_of(request)
    return Shown(acquirer, acquirer.find(intent_id))


async def form_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    body = (await request.body()).decode(errors="replace")
    return {name: values[0][:64] for name, values in parse_qs(body, keep_blank_values=True).items()}


def draw_refusal(_: Request[Any, Any, Any], refusal: Refusal) -> Response[str]:
    if refusal.status_code == 404:
        return draw_missing()
    return Response(refusal.message, status_code=refusal.status_code, media_type="text/plain")


def onwards(shown: Shown) -> Redirect:
    """To the merchant once there is an outcome; else to the page, which shows the next step.

    Processing counts as an outcome: the merchant hears the verdict by webhook.
    """
    open_here = shown.intent.status == "requires_method" or shown.intent.action in ("challenge", "slip")
    return Redirect(shown.base if open_here else shown.return_url, status_code=303)


async def _attempt(request: Request[Any, Any, Any], intent_id: str, doing: Any) -> Redirect:
    """Runs a payer's step; when a second click comes too late for it, shows where things stand instead."""
    acquirer = acquirer_of(request)
    try:
        intent: Intent = await doing
    except Refusal as refusal:
        if refusal.status_code != 409:
            raise
        intent = acquirer.find(intent_id)
    return onwards(Shown(acquirer, intent))


def _card_form(
    shown: Shown, values: dict[str, str], errors: dict[Any, Any], status: int = 200
) -> Response[str]:
    offered = shown.intent.methods
    cards = [
        (number, _grouped(number), name, _BRANDS[brand_of(number)])
        for number, (name, _) in TEST_CARDS.items()
        if method_of(brand_of(number)) in offered
    ]
    return render(
        "card.html",
        shown,
        status,
        values=values,
        errors=errors,
        cards=cards,
        wallets=[method for method in ELSEWHERE if method in offered],
        by_card=bool(cards),
    )


def _elsewhere(shown: Shown, method: Method) -> Response[str]:
    """The page of a method that is not a card: a wallet, a choice of banks, a slip to leave with."""
    template = method if method in ("ideal", *SLIPS) else "wallet"
    return render(f"{template}.html", shown, wallet=method, banks=BANKS, shops=SHOPS, missing=False)


def _grouped(number: str) -> str:
    if len(number) == 15:
        return f"{number[:4]} {number[4:10]} {number[10:]}"
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


@get("/{intent_id:str}")
async def show(request: Request[Any, Any, Any], intent_id: str, fill: str = "") -> Response[str]:
    shown = _shown(request, intent_id)
    alone = shown.only()
    if shown.intent.status == "requires_method" and alone is not None:
        return _elsewhere(shown, alone)
    if shown.intent.status == "requires_method":
        code = "1234" if len(fill) == 15 else "123"
        values = {"number": _grouped(fill), "expiry": "12 / 34", "cvc": code} if fill in TEST_CARDS else {}
        return _card_form(shown, values, {})
    if shown.intent.status == "requires_action":
        return render(f"{shown.intent.action}.html", shown)
    return render("finished.html", shown)


@get([f"/{{intent_id:str}}/{step}" for step in ("card", "challenge", "cancel", "slip")])
async def show_again(request: Request[Any, Any, Any], intent_id: str) -> Redirect:
    """A step's own address, opened again from the address bar or the history."""
    return Redirect(_shown(request, intent_id).base, status_code=303)


@post("/{intent_id:str}/card", status_code=200)
async def pay_by_card(request: Request[Any, Any, Any], intent_id: str) -> Page:
    shown, form = _shown(request, intent_id), await form_of(request)
    if shown.intent.status != "requires_method":
        return onwards(shown)
    number, expiry, cvc = (form.get(name, "") for name in ("number", "expiry", "cvc"))
    card, errors = check_card(number, expiry, cvc, date.today())
    if card is None:
        return _card_form(shown, {"number": number, "expiry": expiry}, errors, 422)
    kind = method_of(card.brand)
    if kind not in shown.intent.methods and {*CARDS} & {*shown.intent.methods}:
        return _card_form(shown, {"number": number, "expiry": expiry}, {"number": "not_offered"}, 422)
    method = PaidWith(type=kind, brand=card.brand, last4=card.last4)
    return await _attempt(
        request, intent_id, acquirer_of(request).pay_on_page(intent_id, method, card.verdict)
    )


@get("/{intent_id:str}/wallet/{wallet:str}")
async def show_wallet(request: Request[Any, Any, Any], intent_id: str, wallet: str) -> Page:
    shown = _shown(request, intent_id)
    chosen = _ELSEWHERE.get(wallet)
    if chosen is None or chosen not in shown.intent.methods:
        return draw_missing()
    if shown.intent.status != "requires_method":
        return Redirect(shown.base, status_code=303)
    return _elsewhere(shown, chosen)


@post("/{intent_id:str}/wallet/{wallet:str}", status_code=200)
async def pay_by_wallet(request: Request[Any, Any, Any], intent_id: str, wallet: str) -> Page:
    shown, form = _shown(request, intent_id), await form_of(request)
    chosen, answer = _ELSEWHERE.get(wallet), form.get("answer")
    if chosen not in shown.intent.methods or answer not in ("approve", "refuse"):
        return draw_missing()
    if chosen == "ideal" and form.get("bank") not in BANKS and answer == "approve":
        return render("ideal.html", shown, 422, wallet=chosen, banks=BANKS, missing=True)
    if chosen in SLIPS and answer == "approve":
        return await _attempt(request, intent_id, acquirer_of(request).take_slip(intent_id, chosen))
    paying = acquirer_of(request).pay_by_wallet(intent_id, chosen, approved=answer == "approve")
    return await _attempt(request, intent_id, paying)


@post("/{intent_id:str}/slip", status_code=200)
async def pay_slip(request: Request[Any, Any, Any], intent_id: str) -> Page:
    """Stands in for the till and for the bank's app."""
    return await _attempt(request, intent_id, acquirer_of(request).pay_slip(intent_id))


@post("/{intent_id:str}/challenge", status_code=200)
async def answer_challenge(request: Request[Any, Any, Any], intent_id: str) -> Page:
    _shown(request, intent_id)
    code = (await form_of(request)).get("code", "")
    return await _attempt(request, intent_id, acquirer_of(request).challenge_on_page(intent_id, code))


@post("/{intent_id:str}/cancel", status_code=200)
async def cancel(request: Request[Any, Any, Any], intent_id: str) -> Page:
    if _shown(request, intent_id).intent.status not in ALLOWED["cancel"]:
        return onwards(_shown(request, intent_id))
    return await _attempt(request, intent_id, acquirer_of(request).cancel_on_page(intent_id))


router = Router(
    path="/psp/pay",
    exception_handlers={Refusal: draw_refusal},
    route_handlers=[
        show,
        show_again,
        pay_by_card,
        show_wallet,
        pay_by_wallet,
        pay_slip,
        answer_challenge,
        cancel,
    ],
)
