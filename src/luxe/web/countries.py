"""Countries and regions by CLDR, in the reader's language and order."""

from __future__ import annotations

from functools import cache

from luxe.kernel.i18n import babel_locale

DELIVERED_TO = (
    "AE", "AT", "AU", "BE", "BR", "CA", "CH", "CN", "DE", "DK", "ES", "FI", "FR", "GB", "GR", "HK", "IE", "IT", "JP",
    "KR", "KW", "LU", "MO", "MX", "NL", "NO", "NZ", "PL", "PT", "QA", "RU", "SA", "SE", "SG", "TW", "US",
)  # fmt: skip


@cache
def countries(locale: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of the countries the house delivers to."""
    names = babel_locale(locale).territories
    return tuple(sorted(((code, names.get(code, code)) for code in DELIVERED_TO), key=lambda pair: pair[1]))
