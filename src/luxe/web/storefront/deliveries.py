"""The ways of delivery and their days, as a member chooses among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import msgspec

from luxe.kernel import clock, i18n
from luxe.kernel.money import Money
from luxe.services.fulfilment.contract import DeliveryMethod, Destination, Slot
from luxe.services.orders.contract import Address
from luxe.web.site import Site, Visitor
from luxe.web.views import RadioCard

JOINT = "|"
APPOINTMENT_DAYS = 5
_LEAD_DAYS = (4, 5, 6, 9)


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A way of delivery on a day, with its appointment if it needs one."""

    method: str
    day: date
    price: Money
    slot: Slot | None = None

    @property
    def value(self) -> str:
        return JOINT.join((self.method, self.day.isoformat(), self.slot.id if self.slot else ""))


def destination(address: Address) -> Destination:
    return Destination(country=address.country, region=address.region, postcode=address.postcode)


async def ways(
    site: Site,
    visitor: Visitor,
    methods: Sequence[DeliveryMethod],
    address: Address | None,
    complete_on: date | None,
) -> list[Way]:
    """Some days for the standard way, the soonest for the others, and free appointments for those that need one. A piece
    that is still to come is sent on when it is there."""
    found: list[Way] = []
    for method in methods or [_plain(visitor)]:
        late = _days_late(visitor, complete_on)
        if method.needs_slot:
            found += await _appointments(site, visitor, method, address, late)
        else:
            found += [
                Way(method=method.id, day=day, price=method.price) for day in _days(visitor, method, late)
            ]
    return found


def _plain(visitor: Visitor) -> DeliveryMethod:
    """As long as nobody knows where it goes to."""
    today = _today(visitor)
    nothing = Money.zero(visitor.currency)
    return DeliveryMethod(id="standard", price=nothing, earliest=today, latest=today, needs_slot=False)


def _today(visitor: Visitor) -> date:
    return clock.now().astimezone(visitor.zone).date()


def _days_late(visitor: Visitor, complete_on: date | None) -> timedelta:
    return max(complete_on - _today(visitor), timedelta()) if complete_on else timedelta()


def _days(visitor: Visitor, method: DeliveryMethod, late: timedelta) -> list[date]:
    if method.id != "standard":
        return [method.earliest + late]
    first = max(_today(visitor) + timedelta(days=_LEAD_DAYS[0]), method.earliest)
    return [first + late + timedelta(days=lead - _LEAD_DAYS[0]) for lead in _LEAD_DAYS]


async def _appointments(
    site: Site, visitor: Visitor, method: DeliveryMethod, address: Address | None, late: timedelta
) -> list[Way]:
    if address is None:
        return []
    found: list[Way] = []
    for days in range(APPOINTMENT_DAYS):
        day = method.earliest + late + timedelta(days=days)
        free = await site.fulfilment.slots(
            destination=destination(address), method=method.id, currency=visitor.currency, day=day
        )
        found += [Way(method=method.id, day=slot.day, price=method.price, slot=slot) for slot in free]
    return found


def way_cards(visitor: Visitor, found: Iterable[Way], chosen: str) -> list[RadioCard]:
    listed = list(found)
    values = [way.value for way in listed]
    current = chosen if chosen in values else next(iter(values), "")
    return [
        RadioCard(
            value=way.value,
            label=way_text(visitor, way.method, way.day, hours_of(way.slot)),
            aside=i18n.format_money(way.price, visitor.locale)
            if way.price.minor
            else visitor.words.gettext("Included"),
            current=way.value == current,
        )
        for way in listed
    ]


def hours_of(slot: Slot | None) -> str:
    return f"{slot.starts}–{slot.ends}" if slot else ""


def way_text(visitor: Visitor, method: str, day: date, hours: str = "") -> str:
    """How and on which day it comes."""
    _ = visitor.words.gettext
    texts = {
        "express": _("Express, %(date)s"),
        "white_glove": _("White glove, %(date)s"),
        "collect": _("To be collected in the house, from %(date)s"),
    }
    text = texts.get(method, _("By hand, %(date)s"))
    said = text % {"date": i18n.format_date(day, visitor.locale, style="full")}
    return f"{said}, \u2068{hours}\u2069" if hours else said


def way_name(visitor: Visitor, method: str) -> str:
    _ = visitor.words.gettext
    names = {
        "express": _("Express delivery"),
        "white_glove": _("White-glove delivery"),
        "collect": _("Collection in the house"),
    }
    return names.get(method, _("Delivery by hand"))
