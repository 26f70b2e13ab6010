"""Regions by their codes, and which countries are one customs area.

Sources: ISO 3166-2:US and :CA; the customs union of the EU (Regulation 952/2013, article 4), Monaco with it and Northern
Ireland left out; the customs union of Switzerland and Liechtenstein.
"""

from __future__ import annotations

from collections.abc import Mapping

_US = (
    "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|"
    "DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|"
    "LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|"
    "NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|"
    "OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|PR Puerto Rico|RI Rhode Island|SC South Carolina|SD South Dakota|"
    "TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming"
)
_CA = (
    "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NS Nova Scotia|"
    "NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|QC Québec|SK Saskatchewan|YT Yukon"
)


def _read(listed: str) -> dict[str, str]:
    codes = {}
    for entry in listed.split("|"):
        code, name = entry.split(" ", 1)
        codes[code.casefold()] = code
        codes[name.casefold()] = code
    return codes


REGIONS: Mapping[str, Mapping[str, str]] = {"US": _read(_US), "CA": _read(_CA)}
"""Country → code or name, casefolded → code. Other countries' regions are taken as they are written."""

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK"
AREAS: Mapping[str, str] = {
    **dict.fromkeys(_EU.split(), "EU"),
    **dict.fromkeys(("CH", "LI"), "CH"),
}


def code_of(country: str, region: str) -> str | None:
    """The code of a region as somebody wrote it (`New York`, `ny`, `US-NY`); None if the country has no such region."""
    said = " ".join(region.split()).casefold().removeprefix(f"{country.casefold()}-")
    known = REGIONS.get(country)
    return said.upper() if known is None else known.get(said)


def same_area(one: str, other: str) -> bool:
    """Whether goods between the two countries pass no customs."""
    return AREAS.get(one, one) == AREAS.get(other, other)
