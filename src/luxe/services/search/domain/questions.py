"""What a query may say, and the bands and flags that facets offer."""

from __future__ import annotations

from luxe.kernel.errors import BadRequest
from luxe.kernel.i18n import CURRENCIES, LOCALES
from luxe.kernel.money import exponent
from luxe.services.search.contract import Query

MAX_TEXT = 300
MAX_VALUES = 100
MAX_REACH = 10_000
FLAGS = ("available", "exclusive", "discounted", "with_model")
_LADDERS = {
    "CNY": (5_000, 10_000, 25_000, 50_000, 100_000, 250_000),
    "EUR": (500, 1_000, 3_000, 6_000, 12_000, 30_000),
    "USD": (500, 1_000, 3_000, 6_000, 12_000, 30_000),
    "JPY": (100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000),
}


def check(query: Query) -> None:
    """Raises `query_invalid` with every fault found."""
    faults: list[tuple[str, str]] = []
    if len(query.text) > MAX_TEXT:
        faults.append(("text", f"longer than {MAX_TEXT} characters"))
    if query.currency not in CURRENCIES:
        faults.append(("currency", "not a currency of this house"))
    if query.locale not in LOCALES:
        faults.append(("locale", "not a locale of this house"))
    if not 1 <= query.limit <= 100:
        faults.append(("limit", "1 to 100"))
    if query.offset < 0 or query.offset + query.limit > MAX_REACH:
        faults.append(("offset", f"0 to {MAX_REACH} with the limit"))
    for field in ("price_from", "price_to"):
        value = getattr(query, field)
        if value is not None and not 0 <= value < 2**62:
            faults.append((field, "not a price"))
    for field in ("categories", "brands", "options", "tags"):
        if len(getattr(query, field)) > MAX_VALUES:
            faults.append((field, f"more than {MAX_VALUES} values"))
    if any(":" not in option for option in query.options):
        faults.append(("options", "an option is written Axis:Value"))
    if faults:
        listed = [{"field": field, "message": message} for field, message in faults]
        raise BadRequest(f"{faults[0][0]}: {faults[0][1]}", code="query_invalid", errors=listed)


def axes(options: list[str]) -> dict[str, list[str]]:
    """Chosen options by axis: values of one axis are alternatives, axes narrow each other."""
    found: dict[str, list[str]] = {}
    for option in options:
        found.setdefault(option.partition(":")[0], []).append(option)
    return found


def bands(currency: str) -> list[tuple[int, int | None]]:
    """Price bands in minor units, inclusive at both ends; the last has no end."""
    scale = 10 ** exponent(currency)
    steps = [0, *(step * scale for step in _LADDERS[currency])]
    ends = [*(step - 1 for step in steps[1:]), None]
    return list(zip(steps, ends, strict=True))


def band_value(start: int, end: int | None) -> str:
    return f"{start}-{'' if end is None else end}"
