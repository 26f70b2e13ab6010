"""What stock is called in the office: states of units, kinds of movements and places, refusals."""

from __future__ import annotations

from luxe.kernel.errors import Refusal
from luxe.kernel.i18n import Catalogue
from luxe.web.words import refusal_text


def unit_text(words: Catalogue, state: str) -> str:
    _ = words.gettext
    texts = {
        "free": _("Free"),
        "held": _("Held"),
        "sold": _("Sold"),
        "shipped": _("Shipped"),
        "in_transit": _("On the way"),
        "expected": _("Expected"),
    }
    return texts[state]


def change_text(words: Catalogue, kind: str) -> str:
    _ = words.gettext
    texts = {
        "receive": _("Received"),
        "expect": _("Promised"),
        "arrive": _("Promised pieces arrived"),
        "count": _("Stocktaking"),
        "found": _("Found"),
        "lost": _("Lost"),
        "damaged": _("Damaged"),
        "not_coming": _("Not coming after all"),
        "transfer": _("Transferred"),
        "moved": _("Moved"),
        "returned_damaged": _("Came back damaged"),
    }
    return texts[kind]


def place_text(words: Catalogue, kind: str) -> str:
    _ = words.gettext
    return {"warehouse": _("Warehouse"), "boutique": _("Boutique"), "brand": _("The house's own")}[kind]


def stock_refusal_text(words: Catalogue, refusal: Refusal) -> str:
    """A sentence that names the serial numbers in the way, where there are some."""
    _ = words.gettext
    texts = {
        "quantity_invalid": _("Give one to 10,000 pieces, and a serial number for each or for none."),
        "stock_in_use": _("Fewer pieces than that are free there. Nothing has changed."),
        "serial_taken": _("Another piece has this serial number. Nothing has changed."),
        "serial_invalid": _("A serial number has 1 to 64 characters."),
        "location_unknown": _("There is no such location."),
        "location_inactive": _("This location is closed."),
        "location_in_use": _("Pieces are there or on their way there; it cannot be closed."),
        "location_invalid": _(
            "A code is small letters, digits and hyphens; a country is two letters; a transfer needs two places."
        ),
        "date_invalid": _("Give a day to come, or how many days it takes to make. One of both."),
        "not_expected": _("Fewer pieces than that are expected there. Nothing has changed."),
        "transfer_ended": _("This transfer has ended already."),
    }
    text = texts.get(refusal.code) or refusal_text(words, refusal)
    serials = refusal.extra.get("serials") or []
    return f"{text} ({', '.join(serials[:5])})" if serials else text
