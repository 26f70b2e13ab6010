"""A person's language and place, as letters use them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from luxe.kernel.i18n import (
    LOCALES,
    SOURCE,
    catalogue,
    format_date,
    format_datetime,
    format_money,
    format_number,
)
from luxe.kernel.money import Money
from luxe.services.notifications.domain.lines import one_line

FOLDER = Path(__file__).parents[1] / "locale"
_RTL_MARK = "\u200f"
_NEAREST = {"zh-TW": "zh-CN"}
WRITTEN = (SOURCE, "zh-CN", "ar")


class Words:
    """Texts and numbers in the written language nearest to a locale, moments in a time zone."""

    def __init__(self, locale: str, zone: str = "UTC") -> None:
        wanted = _NEAREST.get(locale, locale)
        self.tag = wanted if wanted in WRITTEN else SOURCE
        self.rtl = LOCALES[self.tag].rtl
        self._catalogue = catalogue(self.tag, FOLDER)
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            self._zone = ZoneInfo("UTC")

    def say(self, text: str, **values: str) -> str:
        """The text with `%(name)s` filled in; in a right-to-left text each value keeps its own direction."""
        said = self._catalogue.gettext(text)
        return said % {name: self.apart(value) for name, value in values.items()} if values else said

    def title(self, text: str, **values: str) -> str:
        """One line for a header: nothing that a person wrote can break out of it."""
        said = self._catalogue.gettext(text)
        return one_line(said % {name: one_line(value, 60) for name, value in values.items()})

    def apart(self, value: str) -> str:
        return f"\u2068{value}\u2069" if self.rtl else value

    def money(self, amount: Money) -> str:
        """In a right-to-left text the amount is held together from left to right; CLDR's own marks turn `CN¥` around."""
        said = format_money(amount, self.tag)
        return f"\u2066{said.replace(_RTL_MARK, '')}\u2069" if self.rtl else said

    def number(self, value: int) -> str:
        return format_number(value, self.tag)

    def day(self, value: date | datetime) -> str:
        return format_date(value, self.tag, self._zone)

    def moment(self, value: datetime) -> str:
        return format_datetime(value, self.tag, self._zone, "long")
