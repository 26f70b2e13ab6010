"""The application between its form and membership."""

from __future__ import annotations

from datetime import date

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.membership.contract import ApplicationForm
from luxe.web.site import Visitor
from luxe.web.views import Form
from luxe.web.words import code_text, refusal_text

MEANS = Money(50_000_000, "CNY")


def application_form(visitor: Visitor, typed: dict[str, str]) -> ApplicationForm:
    """What was typed, as membership takes it; what is missing is for membership to refuse."""
    assert visitor.account is not None
    people = []
    for number in (1, 2):
        parts = [
            typed.get(f"reference_{number}_{part}", "").strip() for part in ("name", "relation", "contact")
        ]
        if any(parts):
            people.append(" · ".join(part for part in parts if part))
    means = [typed.get("source", ""), typed.get("occupation", ""), typed.get("note", "")]
    return ApplicationForm(
        full_name=visitor.account.name,
        country=typed.get("country", ""),
        city=typed.get("city", "").strip(),
        birthday=_date(typed.get("birthday", "")),
        declared_spend=MEANS if typed.get("declaration") else Money.zero(MEANS.currency),
        means=" · ".join(part.strip() for part in means if part.strip()),
        references=people,
        bank_later=bool(typed.get("bank_later")),
        truthful=bool(typed.get("declaration")),
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return clock.now().date()


def application_errors(visitor: Visitor, typed: dict[str, str], refusal: Refusal) -> Form:
    """The refusal's fields under the names the form has."""
    _ = visitor.words.gettext
    shown = {
        "country": ("country", _("Choose a country or region.")),
        "city": ("city", _("Tell us the city.")),
        "birthday": ("birthday", _("Members are eighteen or older. Please give your date of birth.")),
        "means": ("source", _("Choose where it mainly comes from.")),
        "references": ("reference_1_name", _("Two references, each with a name and a way to reach them.")),
        "declared_spend": ("declaration", _("We need your declaration to go on.")),
        "truthful": ("declaration", _("We need your declaration to go on.")),
    }
    errors = {}
    for found in refusal.extra.get("errors", ()):
        field, text = shown.get(found["field"], ("declaration", code_text(visitor.words, "")))
        errors[field] = text
    return Form(data=typed, errors=errors, summary=None if errors else refusal_text(visitor.words, refusal))
