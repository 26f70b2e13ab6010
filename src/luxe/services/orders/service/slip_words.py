"""A packing slip as it is printed, in the language of who bought: what is in the box, and never what it cost."""

from __future__ import annotations

import msgspec

from luxe.kernel.i18n import LOCALES
from luxe.services.orders.contract import BillLine, Order
from luxe.services.orders.domain.bills import goods_of
from luxe.services.orders.service.bill_words import CHINESE, BillWords, Party, SheetLine


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """What `templates/slip.typ` lays out."""

    lang: str
    region: str | None
    rtl: bool
    house: str
    title: str
    number: str
    recipient: Party
    message: str
    heads: list[str]
    lines: list[SheetLine]
    note: str


def slip_of(order: Order, locale: str, house_name: str) -> Slip:
    words = BillWords(locale)
    say, draft = words.say, order.draft
    return Slip(
        lang=locale.partition("-")[0],
        region=CHINESE.get(locale),
        rtl=LOCALES[locale].rtl,
        house=house_name,
        title=say("In this box"),
        number=order.number,
        recipient=words.party(say("For"), words.address(draft.address)),
        message=draft.gift_message,
        heads=[say("Piece"), say("Quantity")],
        lines=[_unpriced(words, line) for line in goods_of(draft)],
        note=say("Wrapped as a gift.") if draft.gift_wrap else "",
    )


def _unpriced(words: BillWords, line: BillLine) -> SheetLine:
    return words.line(msgspec.structs.replace(line, unit=None, total=None, reasons=[]))
