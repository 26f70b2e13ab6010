"""Where and when somebody can come."""

from __future__ import annotations

import re
from typing import get_args

import msgspec

from luxe.services.fulfilment.contract import Destination, MethodId
from luxe.services.fulfilment.domain.regions import code_of

_PLACE = re.compile(r"[A-Z]{2}(-[^\s-][^\x00-\x1f]{0,60})?")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
MOST = 1_000


class Where(msgspec.Struct, frozen=True):
    method: MethodId
    place: str


def places_of(destination: Destination) -> list[str]:
    """The places that a destination lies in, in small letters: its country, and with its region as written and by code."""
    country = destination.country
    regions = {" ".join(destination.region.split()), code_of(country, destination.region) or ""} - {""}
    return sorted({country.lower(), *(f"{country}-{region}".lower() for region in regions)})


def checked(method: str, place: str, starts: str, ends: str, capacity: int) -> Where | None:
    """None if that is no method, place or time, or the times are not in order."""
    tidy = " ".join(place.split())
    if method not in get_args(MethodId) or not _PLACE.fullmatch(tidy) or not 0 <= capacity <= MOST:
        return None
    if not (_TIME.fullmatch(starts) and _TIME.fullmatch(ends)) or starts >= ends:
        return None
    return Where(next(each for each in get_args(MethodId) if each == method), tidy)
