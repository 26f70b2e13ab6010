"""Allocation: which of several free units a hold takes. A policy is a name and an order of preference.

Whatever the policy, units that are here come before those still to come, and among equals the oldest goes first, so
that the same stock and the same lines always give the same units.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class Preference(msgspec.Struct, frozen=True):
    """Kinds of locations, then countries, each the preferred first; what is not named comes after. Both may be empty."""

    kinds: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()

    @property
    def asks_for_places(self) -> bool:
        return bool(self.kinds or self.countries)


Policy = Callable[[str], Preference]
"""Country of delivery (ISO 3166 alpha-2, or empty) → preference."""

_REGIONS: tuple[tuple[str, ...], ...] = (
    ("CN", "HK", "MO", "TW"),
    ("JP", "KR"),
    ("SG", "MY", "TH", "ID", "VN", "PH", "AU", "NZ"),
    ("AE", "SA", "QA", "KW", "BH", "OM"),
    ("FR", "MC", "BE", "LU", "NL", "DE", "AT", "IT", "ES", "PT", "IE", "DK", "SE", "FI", "PL", "GR", "CZ", "HU"),
    ("GB", "CH", "NO"),
    ("US", "CA", "MX"),
    ("BR", "AR", "CL"),
)  # fmt: skip
_NEXT_TO = {0: (1, 2), 1: (0, 2), 2: (0, 1), 3: (4, 5), 4: (5,), 5: (4,), 6: (7,), 7: (6,)}
"""Region → the regions that are nearer to it than the rest."""


def nearness(country: str) -> tuple[str, ...]:
    """Countries from the nearest on: the country itself, its region, the regions next to it. Empty if it is unknown."""
    for number, region in enumerate(_REGIONS):
        if country in region:
            around = [each for next_to in _NEXT_TO[number] for each in _REGIONS[next_to]]
            return (country, *(each for each in region if each != country), *around)
    return (country,) if country else ()


def _oldest_first(_country: str) -> Preference:
    return Preference()


def _nearest(country: str) -> Preference:
    return Preference(countries=nearness(country))


def _boutique_first(country: str) -> Preference:
    return Preference(kinds=("boutique", "warehouse", "brand"), countries=nearness(country))


POLICIES: dict[str, Policy] = {
    "oldest_first": _oldest_first,
    "nearest": _nearest,
    "boutique_first": _boutique_first,
}
"""By the name that the setting `LUXE_STOCK_ALLOCATION` bears. Another policy is a function and a line here."""
