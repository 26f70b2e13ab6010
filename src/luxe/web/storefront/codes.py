"""The codes that a member has entered, vouchers' and gift cards' alike, and what each is good for now.

They ride in a signed cookie of the member's: a gift card's code is as good as money, and the house keeps none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response

from luxe.kernel import i18n
from luxe.sagas.checkout.contract import CheckoutQuote
from luxe.web.site import Site, Visitor, WebRequest
from luxe.web.storefront import sealed
from luxe.web.storefront.pictures import less_text
from luxe.web.views import page

COOKIE = "luxe_codes"
LONGEST = 60
MOST = 10
_KEPT_FOR = 7 * 24 * 3600


class Codes(msgspec.Struct, frozen=True, kw_only=True):
    account_id: str
    codes: list[str] = []


def entered(request: WebRequest, site: Site, visitor: Visitor) -> list[str]:
    """In the order in which they were entered; none of another member's who used this browser."""
    found = sealed.read(site, COOKIE, request.cookies.get(COOKIE, ""), Codes)
    return found.codes if found is not None and found.account_id == visitor.id else []


def remember(site: Site, visitor: Visitor, answer: Response[Any], codes: Sequence[str]) -> None:
    if codes:
        kept = Codes(account_id=visitor.id, codes=list(codes)[:MOST])
        sealed.keep(site, answer, COOKIE, kept, path="/", seconds=_KEPT_FOR)
    else:
        answer.delete_cookie(COOKIE, path="/")


def forget_wrong(
    request: WebRequest, site: Site, visitor: Visitor, quote: CheckoutQuote, answer: Response[Any]
) -> None:
    """A code that has become invalid is said once and not asked about again: each time would count as a guess."""
    wrong = {each.code for each in quote.rejected if each.reason == "code_invalid"}
    if wrong:
        left = [code for code in entered(request, site, visitor) if code not in wrong]
        remember(site, visitor, answer, left)


def ending(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())[-4:]


def rejection_text(visitor: Visitor, reason: str) -> str:
    """Why a code cannot be used; nothing that would tell a stranger whether it exists."""
    _ = visitor.words.gettext
    texts = {
        "code_invalid": _("This code is not valid."),
        "not_in_scope": _("This code is for other pieces than those in your bag."),
        "minimum_not_reached": _("Your pieces do not come to the amount that this code asks for."),
        "not_in_currency": _("This code is for another currency."),
        "not_for_tier": _("This code is for another tier."),
        "not_for_country": _("This code is for deliveries to another country."),
        "used_up": _("This code has been used up."),
        "not_combinable": _("This code cannot be combined with another one that takes off more."),
        "codes_full": _("Remove a code first: ten at most."),
        "too_many_attempts": _("Too many wrong codes. Please wait a quarter of an hour."),
    }
    return texts.get(reason, "")


def codes_view(
    visitor: Visitor, quote: CheckoutQuote, codes: Sequence[str], here: str, problem: str
) -> object:
    """Each code with what it does; `here` is where the forms lead back to."""
    known = {
        **{each.code: _rejected(visitor, each.code, each.reason) for each in quote.rejected},
        **{each.code: _voucher(visitor, each) for each in quote.discounts},
        **{each.code: _card(visitor, each) for each in quote.gifts},
    }
    unknown = "too_many_attempts" if codes and not known else ""
    return page(
        items=[known.get(code) or _rejected(visitor, code, unknown) for code in codes],
        problem=rejection_text(visitor, problem) or None,
        return_to=here,
        open=bool(codes or problem),
    )


def _voucher(visitor: Visitor, discount: Any) -> object:
    taken = less_text(visitor, discount.amount)
    return page(code=discount.code, label=discount.name, text=taken, note="", good=True)


def _card(visitor: Visitor, part: Any) -> object:
    _ = visitor.words.gettext
    left = i18n.format_money(part.available - part.amount, visitor.locale)
    return page(
        code=part.code,
        label=card_text(visitor, ending(part.code)),
        text=less_text(visitor, part.amount) if part.amount.minor else "",
        note=_("%(amount)s stays on it.") % {"amount": left} if part.available > part.amount else "",
        good=True,
    )


def _rejected(visitor: Visitor, code: str, reason: str) -> object:
    _ = visitor.words.gettext
    label = _("Code ending in %(ending)s") % {"ending": ending(code)}
    return page(code=code, label=label, text="", note=rejection_text(visitor, reason), good=False)


def card_text(visitor: Visitor, last: str) -> str:
    return visitor.words.gettext("Gift card ending in %(ending)s") % {"ending": last}
