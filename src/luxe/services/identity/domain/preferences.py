"""The languages, currencies and time zones that an account may choose."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from luxe.kernel.i18n import CURRENCIES, LOCALES
from luxe.services.identity.domain import refusals


def check(locale: str, currency: str, zone: str) -> None:
    """Raises `preference_invalid` with the field's name."""
    if locale not in LOCALES:
        raise refusals.preference_invalid("locale")
    if currency not in CURRENCIES:
        raise refusals.preference_invalid("currency")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise refusals.preference_invalid("zone") from error
