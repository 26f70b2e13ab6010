"""An address on a page: as lines, as a form, and what is wrong with it."""

from __future__ import annotations

from luxe.kernel.errors import Refusal
from luxe.services.orders.contract import Address
from luxe.web.countries import countries
from luxe.web.site import Visitor
from luxe.web.views import Choice, Form
from luxe.web.words import refusal_text


def country_choices(visitor: Visitor) -> list[Choice]:
    """Every country, with the likeliest for the visitor's currency chosen."""
    usual = {"CNY": "CN", "EUR": "FR", "USD": "US", "JPY": "JP"}[visitor.currency]
    return [Choice(value=code, label=name, current=code == usual) for code, name in countries(visitor.locale)]


def address_lines(visitor: Visitor, address: Address) -> list[str]:
    """The address as lines, name first and country last."""
    country = dict(countries(visitor.locale)).get(address.country, address.country)
    town = " ".join(part for part in (address.postcode, address.city) if part)
    return [
        part for part in (address.name, address.line1, address.line2, town, address.region, country) if part
    ]


def typed_address(typed: dict[str, str]) -> Address:
    return Address(
        name=typed.get("name", ""),
        line1=typed.get("line_1", ""),
        line2=typed.get("line_2", ""),
        city=typed.get("city", ""),
        region=typed.get("region", ""),
        postcode=typed.get("postcode", ""),
        country=typed.get("country", ""),
        phone=typed.get("phone", ""),
    )


def address_errors(visitor: Visitor, typed: dict[str, str], refusal: Refusal) -> Form:
    """`address_incomplete` with its fields, under the names the form has."""
    _ = visitor.words.gettext
    names = {"line1": "line_1", "line2": "line_2"}
    said = {
        "missing": _("Please fill this in."),
        "too_long": _("This is too long."),
        "malformed": _("This does not look right for the country."),
    }
    errors: dict[str, str] = {}
    for found in refusal.extra.get("errors", ()):
        field = str(found["field"])
        errors[names.get(field, field)] = said.get(found.get("code", ""), _("Please check this."))
    return Form(data=typed, errors=errors, summary=None if errors else refusal_text(visitor.words, refusal))
