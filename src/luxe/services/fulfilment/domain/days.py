"""When a parcel comes: working days of the house and of the destination, with the hour after which it leaves a day later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from luxe.services.fulfilment.domain.rows import ClosedDay

_FRIDAY_SATURDAY = frozenset((4, 5))
_SATURDAY_SUNDAY = frozenset((5, 6))
_WEEKENDS = {
    **dict.fromkeys(
        ["BH", "DZ", "EG", "IL", "IQ", "JO", "KW", "LY", "OM", "QA", "SA", "SD", "SY", "YE"], _FRIDAY_SATURDAY
    ),
    "IN": frozenset((6,)),
    "IR": frozenset((4,)),
}
"""Where it is not Saturday and Sunday (Monday is 0). Source: CLDR's supplemental week data."""
HOUSE = ""


class Calendar:
    """Which days count, here (`HOUSE`, with the weekend of its country) and in each country."""

    def __init__(self, home: str, closed: Sequence[ClosedDay]) -> None:
        self._home = home
        self._closed = {(each.country, each.day) for each in closed}

    def works(self, place: str, day: date) -> bool:
        weekend = _WEEKENDS.get(place or self._home, _SATURDAY_SUNDAY)
        return day.weekday() not in weekend and (place, day) not in self._closed

    def leaves(self, here: datetime, dispatch_by: time) -> date:
        """The day on which what is ordered at the house's local time `here` leaves it."""
        day = here.date() if here.time() < dispatch_by else here.date() + timedelta(days=1)
        return self._next(HOUSE, day)

    def after(self, place: str, day: date, working_days: int) -> date:
        """The working day of a place that is so many of them after `day`; for none the same day, or the next that works."""
        if not working_days:
            return self._next(place, day)
        for _ in range(working_days):
            day = self._next(place, day + timedelta(days=1))
        return day

    def _next(self, place: str, day: date) -> date:
        """A year of closed days in a row ends the search: the table is wrong, and a date is still owed."""
        for ahead in range(366):
            candidate = day + timedelta(days=ahead)
            if self.works(place, candidate):
                return candidate
        return day
