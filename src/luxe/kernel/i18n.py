"""Twelve locales: negotiation, gettext catalogues, and formatting of money, numbers and dates by CLDR."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import date, datetime, tzinfo
from functools import cache
from gettext import c2py
from pathlib import Path

import msgspec
from babel import Locale, dates, numbers
from babel.messages.pofile import read_po
from babel.numbers import NumberPattern

from luxe.kernel.money import Money, exponent

SOURCE = "en"


class LocaleInfo(msgspec.Struct, frozen=True):
    """`tag` is BCP 47, as in a page's `lang` and in URLs; `name` is the language's own name for itself."""

    tag: str
    babel: str
    name: str
    rtl: bool = False


LOCALES: dict[str, LocaleInfo] = {
    info.tag: info
    for info in (
        LocaleInfo("en", "en", "English"),
        LocaleInfo("zh-CN", "zh_Hans_CN", "简体中文"),
        LocaleInfo("zh-TW", "zh_Hant_TW", "繁體中文"),
        LocaleInfo("fr", "fr", "Français"),
        LocaleInfo("it", "it", "Italiano"),
        LocaleInfo("de", "de", "Deutsch"),
        LocaleInfo("es", "es", "Español"),
        LocaleInfo("pt", "pt", "Português"),
        LocaleInfo("ja", "ja", "日本語"),
        LocaleInfo("ko", "ko", "한국어"),
        LocaleInfo("ru", "ru", "Русский"),
        LocaleInfo("ar", "ar", "العربية", rtl=True),
    )
}

CURRENCIES = ("CNY", "EUR", "USD", "JPY")

_FALLBACK = {"zh-TW": ("zh-CN",)}
_BY_LANGUAGE = {
    "zh": "zh-CN",
    "zh-hk": "zh-TW",
    "zh-mo": "zh-TW",
    "zh-hant": "zh-TW",
    "zh-hans": "zh-CN",
    "zh-sg": "zh-CN",
}


def known_tag(tag: str) -> str | None:
    """The locale that serves a BCP 47 tag, or None."""
    lower = tag.strip().lower()
    for known in LOCALES:
        if known.lower() == lower:
            return known
    while lower:
        if lower in _BY_LANGUAGE:
            return _BY_LANGUAGE[lower]
        if lower in LOCALES:
            return lower
        lower = lower.rpartition("-")[0]
    return None


def negotiate(accept_language: str, default: str = SOURCE) -> str:
    """The best locale for an Accept-Language header (RFC 9110, 12.5.4)."""
    wishes: list[tuple[float, int, str]] = []
    for position, part in enumerate(accept_language.split(",")[:20]):
        tag, _, weight = part.partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        wishes.append((-quality, position, tag))
    for quality, _, tag in sorted(wishes):
        if quality < 0 and (found := known_tag(tag)):
            return found
    return default


def pick(texts: Mapping[str, str], locale: str) -> str:
    """The text for a locale, else its fallback's, else English, else any."""
    for tag in (locale, *_FALLBACK.get(locale, ()), SOURCE):
        if texts.get(tag):
            return texts[tag]
    return next(iter(texts.values()), "")


@cache
def babel_locale(tag: str) -> Locale:
    return Locale.parse(LOCALES[tag].babel)


def format_money(money: Money, locale: str) -> str:
    """`¥9,800` rather than `¥9,800.00` where the minor unit is nothing: prices read quieter so.

    Where text runs right to left, the currency's sign is kept together by marks (`CN¥` would read `¥CN`).
    """
    found = babel_locale(locale)
    if money.minor % 10 ** exponent(money.currency):
        text = numbers.format_currency(money.decimal, money.currency, locale=found)
    else:
        text = _whole_pattern(locale).apply(
            money.decimal, found, currency=money.currency, currency_digits=False
        )
    if not LOCALES[locale].rtl:
        return text
    sign = numbers.get_currency_symbol(money.currency, locale=found)
    return text.replace(sign, f"\u200e{sign}\u200e")


@cache
def _whole_pattern(locale: str) -> NumberPattern:
    """The locale's currency pattern without decimals; babel deprecates asking for them at the call."""
    pattern = copy(babel_locale(locale).currency_formats["standard"])
    pattern.frac_prec = (0, 0)
    return pattern


def format_number(value: int, locale: str) -> str:
    return numbers.format_decimal(value, locale=babel_locale(locale))


def format_date(value: date | datetime, locale: str, zone: tzinfo | None = None, style: str = "long") -> str:
    if isinstance(value, datetime) and zone is not None:
        value = value.astimezone(zone)
    return dates.format_date(value, style, locale=babel_locale(locale))


def format_datetime(value: datetime, locale: str, zone: tzinfo, style: str = "medium") -> str:
    """A day and an hour; seconds only in the styles longer than `medium`."""
    chosen, local = babel_locale(locale), value.astimezone(zone)
    clock = "short" if style == "medium" else style
    frame = str(chosen.datetime_formats[style]).replace("'", "")
    day = dates.format_date(local, style, locale=chosen)
    return frame.format(dates.format_time(local, clock, tzinfo=zone, locale=chosen), day)


class Catalogue:
    """Messages of one locale; an unknown message is itself, in English."""

    def __init__(self, tag: str, folders: tuple[Path, ...]) -> None:
        self.tag = tag
        self._messages: dict[tuple[str | None, str], str | tuple[str, ...]] = {}
        self._plural_index = c2py("n != 1")
        for folder in folders:
            path = (
                folder
                / LOCALES[tag].babel.removesuffix("_CN").removesuffix("_TW")
                / "LC_MESSAGES"
                / "luxe.po"
            )
            if path.exists():
                self._read(path)

    def _read(self, path: Path) -> None:
        with path.open("rb") as file:
            catalog = read_po(file, locale=LOCALES[self.tag].babel)
        for message in catalog:
            if not message.id or message.fuzzy:
                continue
            singular = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
            said = message.string
            if isinstance(said, str) and said:
                self._messages[(message.context, singular)] = said
            elif isinstance(said, (tuple, list)) and all(said):
                self._messages[(message.context, singular)] = tuple(str(form) for form in said)
        self._plural_index = c2py(catalog.plural_expr)

    def gettext(self, text: str) -> str:
        found = self._messages.get((None, text))
        return (found if isinstance(found, str) else found[0]) if found else text

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        found = self._messages.get((None, singular))
        if not isinstance(found, tuple):
            return found or (singular if number == 1 else plural)
        return found[min(self._plural_index(number), len(found) - 1)]

    def pgettext(self, context: str, text: str) -> str:
        found = self._messages.get((context, text))
        return found if isinstance(found, str) else text


@cache
def catalogue(tag: str, *folders: Path) -> Catalogue:
    return Catalogue(tag, folders)
