"""A bill as it is printed: every word in the buyer's language, every amount, number and day as they are written there."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import msgspec

from luxe.kernel.i18n import (
    LOCALES,
    SOURCE,
    babel_locale,
    catalogue,
    format_date,
    format_money,
    format_number,
)
from luxe.kernel.money import Money
from luxe.services.orders.contract import Address, Bill, BillContent, BillLine, BillMeans, BillTax

FOLDER = Path(__file__).parents[1] / "locale"
_RTL_MARK = "\u200f"
_NEAREST = {"zh-TW": "zh-CN"}
CHINESE = {"zh-CN": "CN", "zh-TW": "TW"}


class Row(msgspec.Struct, frozen=True):
    label: str
    value: str
    strong: bool = False


class Section(msgspec.Struct, frozen=True):
    label: str
    rows: list[Row]


class Party(msgspec.Struct, frozen=True):
    label: str
    lines: list[str]


class SheetLine(msgspec.Struct, frozen=True):
    house: str
    name: str
    details: list[str]
    quantity: str
    unit: str
    total: str


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What `templates/bill.typ` lays out. `date` is year, month and day of issue, for the file's own record."""

    lang: str
    region: str | None
    rtl: bool
    date: list[int]
    house: str
    seller: list[str]
    title: str
    number: str
    parties: list[Party]
    facts: list[Row]
    heads: list[str]
    lines: list[SheetLine]
    reason_label: str
    reason: str
    sections: list[Section]
    note: str
    foot: str


def written(locale: str) -> str:
    """The language that a bill is written in for a reader of `locale`: the nearest that has a catalogue, or English."""
    for tag in (locale, _NEAREST.get(locale, "")):
        if tag in LOCALES and (tag == SOURCE or (FOLDER / _folder(tag)).exists()):
            return tag
    return SOURCE


def sheet_of(bill: Bill, house_name: str) -> Sheet:
    words = BillWords(bill.locale)
    content = bill.content
    say = words.say
    titles = {"invoice": say("Invoice"), "credit_note": say("Credit note")}
    lang = bill.locale.partition("-")[0]
    seller = content.seller
    issued = bill.issued_at
    return Sheet(
        lang=lang,
        region=CHINESE.get(bill.locale),
        rtl=LOCALES[bill.locale].rtl,
        date=[issued.year, issued.month, issued.day],
        house=house_name,
        seller=[seller.name],
        title=titles[bill.kind],
        number=bill.number,
        parties=words.parties(content),
        facts=words.facts(bill),
        heads=[say("Piece"), say("Quantity"), say("Price"), say("Amount")],
        lines=[words.line(line) for line in content.lines],
        reason_label=say("Reason"),
        reason=words.reason(content),
        sections=words.sections(bill),
        note=words.note(content),
        foot=" · ".join(
            part for part in (seller.name, seller.tax_id, seller.register, seller.contact) if part
        ),
    )


class BillWords:
    """The catalogue of one language, and how amounts and days stand in it."""

    def __init__(self, locale: str) -> None:
        self.tag = locale
        self.rtl = LOCALES[locale].rtl
        self._catalogue = catalogue(locale, FOLDER)

    def say(self, text: str, **values: str) -> str:
        """The text with `%(name)s` filled in; in a right-to-left text each value keeps its own direction."""
        said = self._catalogue.gettext(text)
        return said % {name: self.apart(value) for name, value in values.items()} if values else said

    def apart(self, value: str) -> str:
        return f"\u2068{value}\u2069" if self.rtl and value else value

    def money(self, amount: Money | None) -> str:
        if amount is None:
            return ""
        said = format_money(amount, self.tag)
        return f"\u2066{said.replace(_RTL_MARK, '')}\u2069" if self.rtl else said

    def day(self, value: date | datetime) -> str:
        return format_date(value, self.tag)

    def parties(self, content: BillContent) -> list[Party]:
        seller = content.seller
        tax_id = self.say("Tax number %(number)s", number=seller.tax_id) if seller.tax_id else ""
        return [
            self.party(self.say("Sold by"), [seller.name, *seller.address, tax_id, seller.register]),
            self.party(self.say("Sold to"), [content.buyer]),
            self.party(self.say("Delivered to"), self.address(content.address)),
        ]

    def address(self, address: Address) -> list[str]:
        place = " ".join(part for part in (address.postcode, address.city, address.region) if part)
        country = babel_locale(self.tag).territories.get(address.country, address.country)
        return [address.name, address.line1, address.line2, place, country]

    def party(self, label: str, lines: list[str]) -> Party:
        return Party(label, [self.apart(line) for line in _filled(lines)])

    def facts(self, bill: Bill) -> list[Row]:
        content = bill.content
        rows = [
            Row(self.say("Issued on"), self.day(bill.issued_at)),
            Row(self.say("Order"), content.order_number),
            Row(self.say("Ordered on"), self.day(content.ordered_at)),
        ]
        if content.invoice:
            rows.append(Row(self.say("Corrects invoice"), content.invoice))
        elif content.deliver_on:
            rows.append(Row(self.say("Delivery"), self.day(content.deliver_on)))
        return rows

    def line(self, line: BillLine) -> SheetLine:
        serials = [self.say("No. %(serials)s", serials=", ".join(line.serials))] if line.serials else []
        off = [
            self.say("%(reason)s: %(amount)s", reason=each.reason, amount=self.money(-each.amount))
            for each in line.reasons
        ]
        about = " · ".join(part for part in (line.label, line.sku) if part)
        return SheetLine(
            house=line.brand,
            name=line.title,
            details=_filled([self.apart(about), *serials, *off]),
            quantity=format_number(line.quantity, self.tag),
            unit=self.money(line.unit),
            total=self.money(line.total),
        )

    def reason(self, content: BillContent) -> str:
        causes = {
            "cancellation": self.say("The order was cancelled."),
            "return": self.say("Pieces were returned."),
            "exchange": self.say("Pieces came back for others."),
            "goodwill": self.say("A gesture of the house."),
            "price_correction": self.say("The price was corrected."),
            "edit": self.say("The order was changed."),
        }
        return " ".join(_filled([causes.get(content.cause, ""), self.apart(content.reason)]))

    def sections(self, bill: Bill) -> list[Section]:
        content = bill.content
        paid = self.say("Paid with") if bill.kind == "invoice" else self.say("Goes back to")
        included = [tax for tax in content.taxes if tax.included]
        taxes = [Section(self.say("Tax in this total"), [self._tax(tax) for tax in included])]
        means = Section(paid, [Row(self._means(each), self.money(each.amount)) for each in content.means])
        return [Section("", self._totals(bill)), *(taxes if included else []), means]

    def note(self, content: BillContent) -> str:
        if content.taxes:
            return ""
        return self.say("Prices include duties and taxes.")

    def _totals(self, bill: Bill) -> list[Row]:
        content = bill.content
        rows: list[Row] = []
        if content.goods is not None:
            rows.append(Row(self.say("Pieces"), self.money(content.goods)))
        rows.extend(Row(self.apart(each.reason), self.money(-each.amount)) for each in content.discounts)
        if content.delivery is not None:
            free = not content.delivery.minor
            rows.append(
                Row(self.say("Delivery"), self.say("Included") if free else self.money(content.delivery))
            )
        rows.extend(self._tax(tax) for tax in content.taxes if not tax.included)
        total = self.say("Total") if bill.kind == "invoice" else self.say("Credited in all")
        return [*rows, Row(total, self.money(content.total), strong=True)]

    def _tax(self, tax: BillTax) -> Row:
        label = self.say(
            "%(tax)s %(rate)s on %(base)s", tax=tax.name, rate=f"{tax.rate}%", base=self.money(tax.base)
        )
        return Row(label, self.money(tax.amount))

    def _means(self, means: BillMeans) -> str:
        if means.kind == "points":
            return self.say("%(points)s points", points=format_number(means.points, self.tag))
        if means.kind == "gift_card" and means.ending:
            return self.say("Gift card ending in %(ending)s", ending=means.ending)
        return self.say("Gift card") if means.kind == "gift_card" else self.say("Payment provider")


def _filled(lines: list[str]) -> list[str]:
    return [line for line in lines if line]


def _folder(tag: str) -> str:
    return LOCALES[tag].babel.removesuffix("_CN").removesuffix("_TW")
