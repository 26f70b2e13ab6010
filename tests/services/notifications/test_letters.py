"""Every letter in every written language: complete, in the right direction, with a reason and a next step."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.kernel.settings import Settings
from luxe.services.notifications.service import letters, order_letters, words
from luxe.services.notifications.service.envelopes import as_html, as_text, seal
from luxe.services.notifications.store.mails import Mail
from luxe.services.orders.contract import OrderTax
from tests.services.notifications.neighbours import NOON, Neighbours, person

VALUES: dict[str, dict[str, Any]] = {
    "verify_email": {"ticket": "tkt_1"},
    "recover": {"ticket": "tkt_1"},
    "new_device": {"device": "Safari on iPhone", "at": NOON.isoformat()},
    "invitation": {"invitation_id": "inv_1"},
    "application_submitted": {},
    "application_approved": {},
    "application_declined": {"reason": "Your references could not be reached."},
    "membership_activated": {"tier": "silver", "number": "0000 0001", "until": NOON.isoformat()},
    "order_paid": {"order_id": "ord_1"},
    "order_cancelled": {"order_id": "ord_1", "reason": "the payment did not go through"},
    "order_cancelled_refunded": {"order_id": "ord_1", "reason": "The piece is damaged."},
    "order_refunded": {"order_id": "ord_1", "refund_id": "rfd_2"},
    "exchange_owes": {
        "return_id": "ret_1",
        "owed": {"minor": 215_000, "currency": "CNY"},
        "until": NOON.isoformat(),
    },
    "order_edited": {"order_id": "ord_1", "edit_id": "led_1"},
    "order_shipped": {"order_id": "ord_1"},
    "parcel_sent": {
        "order_id": "ord_1",
        "parcel": "SH-7K2M9Q4T",
        "carrier": "Meridian Parcel",
        "tracking": "MP0123456789CN",
    },
    "return_approved": {"return_id": "ret_1"},
    "return_declined": {"return_id": "ret_1"},
    "return_refused": {"return_id": "ret_1"},
    "piece_is_back": {"variant_id": "var_halo"},
    "gift_given": {"card_id": "gft_1"},
}
FOLDERS = {"zh-CN": "zh_Hans", "ar": "ar"}
_WRITTEN_BY_PEOPLE = (
    "LUXE", "David Lin", "Mei Chen", "Safari on iPhone", "Maison Orée", "Welcome to gold", "7K2M-9QXT-04RV", "Halo <ring>", "Your references could not be reached.",
    "You told me of the ring.", "Come and look.", "The piece is damaged.", "It was engraved.", "RT-7K2M9Q4T", "SH-7K2M9Q4T", "Meridian Parcel", "MP0123456789CN", "LX-7K2M9Q4T", "GMT",
)  # fmt: skip


async def write(template: str, locale: str) -> letters.Letter:
    neighbours = Neighbours()
    house = House(
        Settings(data="", database_url="", nats_url="", secret="s", public_url="http://localhost:8400")
    )
    for port, stub in neighbours.stubs.items():
        house.bind(port, stub)
    neighbours.identity.add(person("acc_david", locale=locale))
    mail = Mail(
        id="mail_1",
        template=template,
        account_id="" if template == "invitation" else "acc_david",
        address="guest@guests.example" if template == "invitation" else "",
        locale=locale,
        values=VALUES[template],
        attempts=1,
        created_at=NOON,
    )
    try:
        return await letters.Desk(house).write(mail)
    finally:
        await house.close()


def test_the_list_is_whole() -> None:
    assert set(VALUES) == {*letters._TEMPLATES, "invitation"}


@pytest.mark.parametrize("locale", ["en", "zh-CN", "ar"])
@pytest.mark.parametrize("template", VALUES)
async def test_a_letter_has_a_reason_a_next_step_and_no_cry(template: str, locale: str) -> None:
    letter = await write(template, locale)
    text, html = as_text(letter, "LUXE"), as_html(letter, "LUXE")
    assert letter.why in text
    assert letter.link.startswith("http://localhost:8400/")
    assert letter.link in text
    assert letter.action in html
    assert not re.search("[!！]", text + letter.subject)
    assert f'lang="{locale}"' in html
    assert ('dir="rtl"' in html) is (locale == "ar")
    assert not re.search(r"%\(|\{\{|None", text + html)
    assert re.findall(r"(?:src|href)=\"(?!http://localhost:8400/)", html) == []


@pytest.mark.parametrize("locale", ["zh-CN", "ar"])
@pytest.mark.parametrize("template", VALUES)
async def test_a_translated_letter_has_no_english_left(template: str, locale: str) -> None:
    letter = await write(template, locale)
    text = letter.subject + "\n" + as_text(letter, "LUXE").replace(letter.link, "")
    for known in _WRITTEN_BY_PEOPLE:
        text = text.replace(known, "")
    assert re.findall(r"[A-Za-z]{2,}", text.replace("CN¥", "")) == []


@pytest.mark.parametrize("locale", FOLDERS)
def test_the_catalogues_are_complete(locale: str) -> None:
    found = [
        text
        for source in Path(letters.__file__).parent.glob("*.py")
        for _, text, _, _ in extract(
            "python", BytesIO(source.read_bytes()), keywords={"say": None, "title": None}
        )
        if isinstance(text, str)
    ]
    with (words.FOLDER / FOLDERS[locale] / "LC_MESSAGES" / "luxe.po").open("rb") as file:
        catalogue = {str(message.id): str(message.string) for message in read_po(file) if message.id}
    assert set(catalogue) == set(found)
    for text, translated in catalogue.items():
        assert translated
        assert sorted(re.findall(r"%\(\w+\)s", translated)) == sorted(re.findall(r"%\(\w+\)s", text))


async def test_dates_and_amounts_are_the_readers_own() -> None:
    english, chinese, arabic = [
        as_text(await write("order_paid", locale), "LUXE") for locale in ("en", "zh-CN", "ar")
    ]
    assert "CN¥24,899.50" in english
    assert "¥24,899.50" in chinese
    assert "2026年12月1日" in chinese
    assert "ديسمبر" in arabic
    device = as_text(await write("new_device", "en"), "LUXE")
    assert "8:00" in device, "noon in Greenwich is eight in the evening in Shanghai"


async def test_a_letter_says_which_taxes_were_paid() -> None:
    """Those that were added by name and rate, of all lines together; those in the price in one sum at the end."""
    order = await Neighbours().orders.order(order_id="ord_1", account_id="acc_david")

    def tax(variant: str, rate: str, minor: int, included: bool) -> OrderTax:
        base, amount = Money(100_000, "CNY"), Money(minor, "CNY")
        return OrderTax(
            variant_id=variant, kind="vat", name="VAT", rate=rate, base=base, amount=amount, included=included
        )

    added = [tax("var_1", "9.10", 9_100, False), tax("", "9.10", 900, False)]
    for taxes, told in (
        (added, [("VAT 9.1%", "CN¥100")]),
        ([tax("var_1", "13", 13_000, True)], [("Tax in the price", "CN¥130")]),
        ([], []),
    ):
        draft = msgspec.structs.replace(
            order.draft,
            taxes=taxes,
            tax_included=Money(sum(each.amount.minor for each in taxes if each.included), "CNY"),
        )
        sums = order_letters._sums(words.Words("en"), msgspec.structs.replace(order, draft=draft))
        assert [each for each in sums if "VAT" in each[0] or "Tax" in each[0]] == told


@pytest.mark.parametrize(("locale", "written"), [("fr", "en"), ("zh-TW", "zh-CN"), ("", "en")])
def test_a_language_that_is_not_written_gets_the_nearest(locale: str, written: str) -> None:
    assert words.Words(locale).tag == written


async def test_a_sealed_letter_has_both_forms_and_honest_headers() -> None:
    letter = await write("order_paid", "ar")
    sealed = seal(letter, "mail_1", NOON, "The House <house@luxe.example>", "LUXE")
    read = message_from_bytes(sealed.as_bytes(), policy=default)
    assert read["From"] == "The House <house@luxe.example>"
    assert read["Message-ID"] == "<mail_1@luxe.example>"
    assert read["Date"] == "Sun, 22 Nov 2026 12:00:00 +0000"
    assert read["Content-Language"] == "ar"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Subject"] == "طلبك LX-7K2M9Q4T"
    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert max(len(line) for line in sealed.as_bytes().split(b"\r\n")) <= 998
