"""Minor units as people read them."""

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision

MARKS = "\u200e\u200f"
_LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN", "ar": "ar"}


def written(minor: int, currency: str, language: str) -> str:
    """`minor` units with the currency's own number of decimals, exactly; in Arabic isolated left to right."""
    amount = Decimal(minor).scaleb(-get_currency_precision(currency))
    text = format_currency(amount, currency, locale=_LOCALES[language])
    return f"\u2066{text.strip(MARKS)}\u2069" if language == "ar" else text
