"""Shipments on pages: their states in words, and where a member's parcels are."""

from __future__ import annotations

from typing import Any

from luxe.kernel import i18n
from luxe.kernel.i18n import Catalogue
from luxe.services.fulfilment.contract import Shipment, ShipmentEvent
from luxe.web.site import Visitor
from luxe.web.views import Event, page


def shipment_text(words: Catalogue, state: str) -> str:
    _ = words.gettext
    texts = {
        "packed": _("Packed"),
        "called_off": _("Called off"),
        "handed_over": _("Handed over"),
        "in_transit": _("On its way"),
        "out_for_delivery": _("Out for delivery"),
        "delivered": _("Delivered"),
        "exception": _("Held up"),
        "returned_to_sender": _("Came back"),
        "lost": _("Lost"),
    }
    return texts[state]


def method_text(words: Catalogue, method: str) -> str:
    _ = words.gettext
    texts = {
        "standard": _("Standard delivery"),
        "express": _("Express delivery"),
        "white_glove": _("White-glove delivery"),
        "collect": _("Collection at the boutique"),
    }
    return texts.get(method, method)


def parcels(visitor: Visitor, shipments: list[Shipment]) -> list[Any]:
    """What a member sees of an order's shipments, oldest first; what was called off never happened."""
    _ = visitor.words.gettext
    return [
        page(
            number=each.number,
            state=shipment_text(visitor.words, each.state),
            carrier=_("%(carrier)s, %(number)s") % {"carrier": each.carrier, "number": each.tracking_number}
            if each.tracking_number
            else method_text(visitor.words, each.method),
            pieces=", ".join(unit.serial for unit in each.units),
            steps=[_step(visitor, event) for event in each.events if event.moved],
        )
        for each in reversed(shipments)
        if each.state != "called_off"
    ]


def _step(visitor: Visitor, event: ShipmentEvent) -> Event:
    return Event(
        title=shipment_text(visitor.words, event.state),
        date=i18n.format_datetime(event.at, visitor.locale, visitor.zone),
        detail=" · ".join(part for part in (event.place, event.note) if part),
    )
