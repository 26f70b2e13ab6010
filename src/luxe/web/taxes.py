"""Taxes of a quote or of an order, as members and the office are told."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

from luxe.kernel import i18n
from luxe.kernel.money import Money
from luxe.web.site import Visitor
from luxe.web.views import Total


class Taxed(Protocol):
    """A tax of a quote or of an order."""

    @property
    def name(self) -> str: ...
    @property
    def rate(self) -> str: ...
    @property
    def amount(self) -> Money: ...
    @property
    def included(self) -> bool: ...


def tax_rows(visitor: Visitor, taxes: Iterable[Taxed]) -> list[Total]:
    """Taxes that are added, by name and rate; those in the price are told with the total."""
    sums: dict[tuple[str, str], Money] = {}
    for tax in taxes:
        if not tax.included and tax.amount.minor:
            key = (tax.name, _rate(tax.rate))
            sums[key] = sums[key] + tax.amount if key in sums else tax.amount
    return [
        Total(label=f"{name} \u2068{rate}%\u2069", value=i18n.format_money(amount, visitor.locale))
        for (name, rate), amount in sums.items()
    ]


def total_note(visitor: Visitor, included: Money | None, added: Money | None) -> str:
    """What the total says of taxes: how much of it they are, where the house's tables know."""
    _ = visitor.words.gettext
    if included is not None and included.minor:
        return _("Includes %(amount)s of tax") % {"amount": i18n.format_money(included, visitor.locale)}
    if added is not None and added.minor:
        return _("Taxes as listed")
    return _("Duties and taxes included")


def _rate(rate: str) -> str:
    """Without noughts at the end: `20`, `8.875`."""
    return f"{Decimal(rate).normalize():f}"
