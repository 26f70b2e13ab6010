"""Hosted fields: a frame with the card's fields for the merchant's page, of this provider's own origin. It tells the merchant's
page a token and nothing else; the merchant confirms the intent with it, once. Nothing can be sent before that page listens."""

import base64
import hashlib
import secrets
import time
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response, Router, get, post
from msgspec import Struct

from .acquirer import Acquirer
from .api import acquirer_of, fingerprint, idempotency_key, json_response, merchant_only
from .cards import Card, check_card, method_of
from .pages import Shown, draw_refusal, form_of, page_headers, written_page
from .store import Connection
from .wire import Answer, PaidWith, Refusal, decode

TOKEN_LASTS = 600
_SCRIPT = """
const form = document.forms[0];
const button = form.querySelector("button");
const tell = (message) => parent.postMessage(message, form.dataset.merchant);
const measure = () => tell({ height: document.body.offsetHeight });
new ResizeObserver(measure).observe(document.body);
addEventListener("message", (event) => {
  if (event.origin !== form.dataset.merchant) return;
  button.disabled = form.hasAttribute("aria-busy");
  measure();
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  form.setAttribute("aria-busy", "true");
  for (const each of form.querySelectorAll(".error")) each.textContent = "";
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const told = await answer.json();
    if (told.token) return tell({ token: told.token });
    for (const [name, text] of Object.entries(told.errors)) {
      document.getElementById(name + "-error").textContent = text;
      form.elements[name].setAttribute("aria-invalid", "true");
    }
    form.elements[Object.keys(told.errors)[0]].focus();
  } catch {
    tell({ trouble: true });
  }
  form.removeAttribute("aria-busy");
  button.disabled = false;
});
"""
_SCRIPT_HASH = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()


class Token(Struct, frozen=True):
    intent_id: str
    card: Card
    until: float


class Tokens:
    """In memory: one that a restart lost is typed anew. `intents` says which a token has confirmed."""

    def __init__(self) -> None:
        self._known: dict[str, Token] = {}

    def make(self, intent_id: str, card: Card) -> str:
        now = time.time()
        self._known = {name: each for name, each in self._known.items() if each.until > now}
        name = f"tok_{secrets.token_hex(16)}"
        self._known[name] = Token(intent_id, card, now + TOKEN_LASTS)
        return name

    def find(self, name: str, intent_id: str) -> Token:
        """Raises Refusal 402: for another intent it is as unknown as one that never was."""
        found = self._known.get(name)
        if found is None or found.until <= time.time() or found.intent_id != intent_id:
            raise Refusal(402, "token_unknown", "no such token")
        return found


class ConfirmIntent(Struct, kw_only=True, frozen=True):
    token: str


def merchant_origin(url: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(url))


@get("/{intent_id:str}")
async def frame(request: Request[Any, Any, Any], intent_id: str) -> Response[str]:
    """Only the page that payers of this intent return to may frame it, and only that one hears of it."""
    acquirer = acquirer_of(request)
    shown = Shown(acquirer, acquirer.find(intent_id))
    merchant = merchant_origin(shown.intent.return_url)
    page = written_page(
        "fields.html", shown, merchant=merchant, script=_SCRIPT, action=f"/psp/fields/{intent_id}"
    )
    headers = page_headers("'self'", script=f"'sha256-{_SCRIPT_HASH}'", ancestors=merchant)
    return Response(page, media_type="text/html", headers=headers)


@post("/{intent_id:str}", status_code=200)
async def tokenise(request: Request[Any, Any, Any], intent_id: str) -> dict[str, Any]:
    acquirer = acquirer_of(request)
    shown, form = Shown(acquirer, acquirer.find(intent_id)), await form_of(request)
    number, expiry, cvc = (form.get(name, "") for name in ("number", "expiry", "cvc"))
    card, errors = check_card(number, expiry, cvc, date.today())
    if card is None:
        return {"errors": {name: shown.say(f"{name}_{problem}") for name, problem in errors.items()}}
    if method_of(card.brand) not in shown.intent.methods:
        return {"errors": {"number": shown.say("number_not_offered")}}
    return {"token": request.app.state.tokens.make(intent_id, card)}


@post("/intents/{intent_id:str}/confirm", status_code=200)
async def confirm(request: Request[Any, Any, Any], intent_id: str) -> Response[bytes]:
    """A decline is answered by 402, and the intent has failed."""
    key = idempotency_key(request)
    order: ConfirmIntent = decode(await request.body(), ConfirmIntent)
    acquirer: Acquirer = acquirer_of(request)

    def work(tx: Connection) -> Answer:
        card = request.app.state.tokens.find(order.token, intent_id).card
        method = PaidWith(type=method_of(card.brand), brand=card.brand, last4=card.last4)
        intent = acquirer.attempt(tx, intent_id, method, card.verdict, key)
        return Answer(200, msgspec.json.encode(acquirer.describe(tx, intent)))

    return json_response(await acquirer.once("authorise", key, fingerprint(request, order), work))


frames = Router(
    path="/psp/fields", exception_handlers={Refusal: draw_refusal}, route_handlers=[frame, tokenise]
)
confirmations = Router(path="/psp/v1", guards=[merchant_only], route_handlers=[confirm])
