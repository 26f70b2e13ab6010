"""Invoices and credit notes: gapless numbers, exact parts, the same bytes each time, and nobody else's eyes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy.exc import ProgrammingError

from luxe.kernel.errors import Refusal
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.identity.contract import Account
from luxe.services.identity.contract import Port as IdentityPort
from luxe.services.inventory.contract import HeldUnit, UnitPage
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.orders.contract import (
    Bill,
    GiftPart,
    Order,
    OrderDiscount,
    OrderTax,
    Port,
    PriceReason,
    Refund,
)
from luxe.services.orders.domain.bills import credit_note_of, invoice_of, means_of, seller_of, taxes_of
from luxe.services.orders.service import bill_words, slip_words
from tests.harness import Running, running
from tests.services.orders.drafts import draft, line

SELLER: dict[str, Any] = {
    "seller_name": "Maison SAS",
    "seller_address": "12 rue de la Paix | 75002 Paris",
    "seller_tax_id": "FR 12",
}
SERIALS = {"var_clutch": ["CL-0001"]}
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PRICE = 1_280_000


class People:
    """Every account is Weiran's, who reads `locale`."""

    def __init__(self, locale: str = "en") -> None:
        self.locale = locale

    async def account(self, *, account_id: str) -> Account:
        return Account(
            id=account_id, email="w@luxe.example", name="林薇然", locale=self.locale, currency="CNY",
            zone="Asia/Shanghai", roles=["member"], email_verified=True, has_password=True, passkeys=0, created_at=NOON,
        )  # fmt: skip

    async def authenticate(self, *, token: str) -> Any:
        raise AssertionError("nobody signs in here")


class Shelves:
    """Nothing is left on them."""

    async def ship(self, **_: Any) -> list[HeldUnit]:
        return []

    async def units(self, **_: Any) -> UnitPage:
        return UnitPage(items=[], next=None)


def opened(binding: str = "local", locale: str = "en") -> Any:
    stubs = {IdentityPort: People(locale), InventoryPort: Shelves()}
    return running("orders", binding=binding, stubs=stubs, **SELLER)


async def paid(house: Running, run: str, **changes: Any) -> Order:
    orders = house.port(Port)
    await orders.place(run=run, draft=draft(**changes))
    return await orders.mark_paid(run=run, intent_id="pay", points_earned=0, serials={})


async def give_back(house: Running, order: Order, run: str, minor: int, points: int = 0) -> None:
    orders = house.port(Port)
    await orders.set_aside(
        run=run, order_id=order.id, amount=Money(minor, "CNY"), kind="goodwill", reason="A scratch"
    )
    await orders.finish_refund(run=run, points_back=points, points_taken=0)


async def test_an_invoice_is_issued_once_and_credit_notes_follow(binding: str) -> None:
    async with opened(binding) as house:
        orders = house.port(Port)
        order = await paid(house, "run_1", points=500, points_worth=50_000, delivery=10_000)
        assert await orders.bills(order_id=order.id) == []
        [invoice] = await orders.issue_bills(order_id=order.number, account_id="acc_david")
        year = invoice.issued_at.year
        assert (invoice.kind, invoice.number, invoice.locale) == ("invoice", f"INV-{year}-000001", "en")
        assert invoice.content.total == Money(PRICE + 10_000, "CNY")
        assert [(each.kind, each.amount.minor, each.points) for each in invoice.content.means] == [
            ("points", 50_000, 500),
            ("payment", PRICE - 40_000, 0),
        ]
        assert (invoice.content.seller.address, invoice.content.buyer) == (
            ["12 rue de la Paix", "75002 Paris"],
            "林薇然",
        )
        assert await orders.issue_bills(order_id=order.id) == [invoice]
        await give_back(house, order, "run_r", 100_000, points=40)
        _, note = await orders.issue_bills(order_id=order.id)
        assert (note.kind, note.number) == ("credit_note", f"CRN-{year}-000001")
        assert (note.content.invoice, note.content.reason) == (invoice.number, "A scratch")
        assert note.content.total == Money(104_000, "CNY")
        assert await orders.bills(order_id=order.id, account_id="acc_david") == [invoice, note]
        assert await orders.bills(order_id=order.id, account_id="acc_kevin") == []


async def test_leaving_the_house_issues_it_and_money_going_back_the_credit_note() -> None:
    async with opened() as house:
        orders = house.port(Port)
        order = await paid(house, "run_1")
        await give_back(house, order, "run_early", 1_000)
        await house.settle()
        assert await orders.bills(order_id=order.id) == []
        await orders.ship(order_id=order.id)
        await house.settle()
        assert [bill.kind for bill in await orders.bills(order_id=order.id)] == ["invoice", "credit_note"]
        await give_back(house, order, "run_late", 2_000)
        await house.settle()
        issued = await orders.bills(order_id=order.id)
        assert [bill.content.total.minor for bill in issued] == [PRICE, 1_000, 2_000]


async def test_a_cancelled_order_is_credited_in_full() -> None:
    async with opened() as house:
        orders = house.port(Port)
        order = await paid(house, "run_1", points=500, points_worth=50_000)
        await orders.begin_cancelling(run="run_c", order_id=order.id, reason="Too late")
        assert [bill.kind for bill in await orders.issue_bills(order_id=order.id)] == ["invoice"]
        await orders.finish_cancelling(run="run_c", points_back=500, points_taken=0)
        invoice, note = await orders.issue_bills(order_id=order.id)
        assert note.content.total == invoice.content.total == Money(PRICE, "CNY")
        assert note.content.means == invoice.content.means
        assert [(each.title, each.quantity) for each in note.content.lines] == [("Evening clutch", 1)]


async def test_numbers_have_no_gap_under_races_and_rollbacks() -> None:
    async with opened() as house:
        orders = house.port(Port)
        bought = [await paid(house, f"run_{number}") for number in range(8)]

        async def issue_and_fail(order: Order) -> None:
            async with house.database("orders").transaction():
                await house.service("orders").issue_bills(order_id=order.id)
                raise InterruptedError

        async def thrown_away(order: Order) -> None:
            with pytest.raises(InterruptedError):
                await issue_and_fail(order)

        async def issued(order: Order) -> str:
            return (await orders.issue_bills(order_id=order.id))[0].number

        half, rest = bought[:4], bought[4:]
        await asyncio.gather(*map(issued, half), *map(thrown_away, rest), *map(issued, half))
        numbers = [await issued(order) for order in bought]
        assert sorted(number[-6:] for number in numbers) == [f"{place:06}" for place in range(1, 9)]
        assert len(await house.rows("orders", "SELECT id FROM orders.bills")) == 8


async def test_what_was_issued_cannot_be_changed_or_taken_away() -> None:
    async with opened() as house:
        await house.port(Port).issue_bills(order_id=(await paid(house, "run_1")).id)
        for statement in ("UPDATE orders.bills SET number = 'X'", "DELETE FROM orders.bills"):
            with pytest.raises(ProgrammingError, match="permission denied"):
                await house.rows("orders", statement)


async def test_there_is_no_invoice_of_what_was_not_paid_or_is_not_ones_own(binding: str) -> None:
    async with opened(binding) as house:
        orders = house.port(Port)
        unpaid = await orders.place(run="run_1", draft=draft())
        order = await paid(house, "run_2")
        [invoice] = await orders.issue_bills(order_id=order.id)
        calls = {
            "not_paid": orders.issue_bills(order_id=unpaid.id),
            "order_unknown": orders.issue_bills(order_id=order.id, account_id="acc_kevin"),
            "bill_unknown": orders.print_bill(bill_id=invoice.id, account_id="acc_kevin"),
        }
        for code, call in calls.items():
            with pytest.raises(Refusal) as refused:
                await call
            assert refused.value.code == code
        assert len(await house.rows("orders", "SELECT id FROM orders.bills")) == 1


@pytest.mark.parametrize(
    ("locale", "words", "font"),
    [
        ("en", ["Invoice", "Evening clutch", "Maison SAS", "林薇然"], "NotoSansCJKjp"),
        ("zh-TW", ["发票", "销售方", "中国"], "NotoSansCJKjp"),
        ("ar", ["CL-1"], "NotoSansArabic"),
        ("ru", ["Invoice"], "NotoSansCJKjp"),
    ],
)
async def test_a_printed_bill_is_the_same_bytes_each_time(locale: str, words: list[str], font: str) -> None:
    async with opened("http", locale) as house:
        orders = house.port(Port)
        [invoice] = await orders.issue_bills(order_id=(await paid(house, "run_1")).id)
        first, again = [await orders.print_bill(bill_id=invoice.id, account_id="acc_david") for _ in range(2)]
        assert first == again
        [sheet] = PdfReader(BytesIO(first.pdf)).pages
        text = sheet.extract_text()
        assert [word for word in (*words, invoice.number) if word not in text] == []
        named: Any = sheet["/Resources"]
        fonts = [each["/BaseFont"] for each in named["/Font"].values()]
        assert any(font in name for name in fonts), fonts


@pytest.mark.parametrize("locale", ["en", "zh-CN", "ar"])
async def test_a_packing_slip_names_the_recipient_and_the_gift_and_no_price(locale: str) -> None:
    async with opened("http", locale) as house:
        off = Money(80_000, "CNY")
        order = await paid(
            house,
            "run_1",
            lines=[msgspec.structs.replace(line(), reasons=[PriceReason(name="Spring", amount=off)])],
            discount=off,
            discounts=[OrderDiscount(name="Spring", amount=off)],
            payable=Money(PRICE, "CNY") - off,
            gift_message="生日快乐",
            gift_wrap=True,
        )
        printed = await house.port(Port).print_slip(order_id=order.number)
        assert printed == await house.port(Port).print_slip(order_id=order.id)
        [sheet] = PdfReader(BytesIO(printed.pdf)).pages
        text = sheet.extract_text()
        wanted = (order.number, "David Lin", "Zhongshan", "Evening clutch", "生日快乐")
        assert [word for word in wanted if word not in text] == []
        assert [price for price in ("12,800", "800", "Spring", "¥", "林薇然") if price in text] == []


async def test_over_rest_it_is_a_pdf_for_its_owner_and_for_operators() -> None:
    async with running("orders", **SELLER) as house:
        order = await paid(house, "run_1")
        path = f"/v1/orders/{order.id}/invoice"
        owner = house.sign_in_as("member", subject="acc_david")
        stranger = house.sign_in_as("member", subject="acc_kevin")
        operator = house.sign_in_as("operator", subject="acc_li")
        assert [(await house.rest.get(path, headers=who)).status_code for who in ({}, stranger)] == [401, 404]
        assert await house.rows("orders", "SELECT id FROM orders.bills") == []
        mine, theirs = [await house.rest.get(path, headers=who) for who in (owner, operator)]
        assert (mine.status_code, mine.headers["content-type"]) == (200, "application/pdf")
        assert mine.content.startswith(b"%PDF-")
        assert mine.content == theirs.content
        listed = (await house.rest.get(f"/v1/orders/{order.id}/bills", headers=owner)).json()["items"]
        assert [each["number"][:4] for each in listed] == ["INV-"]
        bill = f"/v1/bills/{listed[0]['id']}"
        answers = [await house.rest.get(bill, headers=who) for who in (owner, stranger)]
        assert [(each.status_code, each.content == mine.content) for each in answers] == [
            (200, True),
            (404, False),
        ]


def rich() -> Order:
    """Discounted, taxed both ways, paid with points, a gift card and the provider."""
    off = PriceReason(name="Spring", amount=Money(80_000, "CNY"))
    bought = msgspec.structs.replace(line(), serials=["CL-0001"], reasons=[off])
    tax = OrderTax(
        variant_id="var_clutch", kind="vat", name="VAT", rate="13", included=True,
        base=Money(1_061_947, "CNY"), amount=Money(138_053, "CNY"),
    )  # fmt: skip
    duty = msgspec.structs.replace(
        tax, kind="duty", name="Duty", rate="5", included=False, amount=Money(60_000, "CNY")
    )
    whole = draft(
        bought,
        delivery=12_000,
        points=333,
        points_worth=33_300,
        discount=Money(80_000, "CNY"),
        discounts=[OrderDiscount(name="Spring", amount=Money(80_000, "CNY"))],
        gift_worth=Money(100_000, "CNY"),
        gifts=[GiftPart(ending="7K3M", amount=Money(100_000, "CNY"))],
        taxes=[tax, msgspec.structs.replace(tax, variant_id="", base=Money(100, "CNY"), amount=Money(13, "CNY")), duty],
        tax_included=Money(138_066, "CNY"),
        tax_added=Money(60_000, "CNY"),
        payable=Money(PRICE - 80_000 + 12_000 + 60_000 - 33_300 - 100_000, "CNY"),
    )  # fmt: skip
    return Order(
        id="ord_1", number="LX-1", state="paid", draft=whole, run="run_1", points_earned=0, placed_at=NOON,
        paid_at=NOON, timeline=[],
    )  # fmt: skip


def invoice_for(order: Order) -> Bill:
    content = invoice_of(order, seller_of("Maison", "", "", "", ""), "Mei")
    return Bill(
        id=new_id("bill"), kind="invoice", number="INV-2026-000001", order_id=order.id, account_id="acc_mei",
        refund_id="", locale="en", issued_at=NOON, content=content,
    )  # fmt: skip


def test_the_total_is_the_sum_of_its_parts_and_of_what_it_was_paid_with() -> None:
    order = rich()
    content = invoice_for(order).content
    assert content.total == Money(PRICE - 80_000 + 12_000 + 60_000, "CNY")
    assert sum((each.amount for each in means_of(order.draft)), Money.zero("CNY")) == content.total
    assert [(tax.name, tax.amount.minor, tax.included) for tax in taxes_of(order.draft)] == [
        ("VAT", 138_066, True),
        ("Duty", 60_000, False),
    ]


@given(st.lists(st.integers(1, 400_000), min_size=1, max_size=6))
def test_credit_notes_for_all_are_the_invoice_to_the_minor_unit(parts: list[int]) -> None:
    order = rich()
    invoice = invoice_for(order)
    whole = order.draft.paid
    bounds = [min(sum(parts[: index + 1]), whole.minor) for index in range(len(parts))] + [whole.minor]
    notes: list[Bill] = []
    money_before = points_before = 0
    for index, bound in enumerate(bounds):
        points = order.draft.points * bound // whole.minor
        amount = bound - money_before
        refund = Refund(
            id=f"rfd_{index}", order_id=order.id, run=f"run_{index}", payment_run=order.run, kind="goodwill",
            state="done", amount=Money(amount, "CNY"), goods=Money(0, "CNY"), reason="", points_taken=0,
            points_back=points - points_before, gift=Money(amount // 3, "CNY"), at=NOON, done_at=NOON,
        )  # fmt: skip
        money_before, points_before = bound, points
        content = credit_note_of(invoice, order, refund, notes, None)
        assert content.total == sum((each.amount for each in content.means), Money.zero("CNY"))
        notes.append(msgspec.structs.replace(invoice, kind="credit_note", content=content))
    credited = sum((note.content.total for note in notes), Money.zero("CNY"))
    assert credited == invoice.content.total
    for place, tax in enumerate(invoice.content.taxes):
        assert sum((note.content.taxes[place].amount for note in notes), Money.zero("CNY")) == tax.amount


@pytest.mark.parametrize("folder", ["zh_Hans", "ar"])
def test_the_catalogues_of_bills_are_complete(folder: str) -> None:
    found = {
        str(text)
        for source in (bill_words, slip_words)
        for _, text, _, _ in extract(
            "python", BytesIO(Path(str(source.__file__)).read_bytes()), keywords={"say": None}
        )
    }
    with (bill_words.FOLDER / folder / "LC_MESSAGES" / "luxe.po").open("rb") as file:
        catalogue = {str(message.id): str(message.string) for message in read_po(file) if message.id}
    assert set(catalogue) == found
    assert all(catalogue.values())
