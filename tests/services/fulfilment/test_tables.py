"""The house's tables: which way of delivery goes where, for how much and until when; and their CSV."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxe.kernel.money import Money
from luxe.services.fulfilment.contract import Destination
from luxe.services.fulfilment.domain import sheets
from luxe.services.fulfilment.domain.days import Calendar
from luxe.services.fulfilment.domain.methods import methods_to
from luxe.services.fulfilment.domain.rows import ClosedDay, DeliveryRate, TaxRule
from luxe.services.fulfilment.domain.slots import checked, places_of

MONDAY = date(2026, 11, 23)
WORKING = Calendar("CN", [])
RATES = [
    DeliveryRate(method="standard", country="*", currency="*", price=0, days_least=3, days_most=5),
    DeliveryRate(method="express", country="CN", currency="CNY", price=8_000, days_least=1, days_most=1),
    DeliveryRate(method="express", country="CN", currency="CNY", price=0, from_value=1_000_000),
    DeliveryRate(method="express", country="CN", currency="CNY", price=500, tiers=("black",)),
    DeliveryRate(method="white_glove", country="CN", currency="CNY", price=30_000, needs_slot=True),
    DeliveryRate(method="standard", country="RU", currency="*", price=None),
]


def offered(country: str, minor: int, tier: str = "silver", currency: str = "CNY") -> list[tuple[str, int]]:
    found = methods_to(country, Money(minor, currency), tier, RATES, WORKING, MONDAY)
    return [(each.id, each.price.minor) for each in found]


def test_the_most_exact_row_counts() -> None:
    assert offered("CN", 999_999) == [("standard", 0), ("express", 8_000), ("white_glove", 30_000)]
    assert offered("CN", 1_000_000)[:2] == [("standard", 0), ("express", 0)]
    assert offered("CN", 1_000, "black")[1] == ("express", 500)
    assert offered("CN", 1_000, currency="EUR") == [("standard", 0)]
    assert offered("RU", 1_000) == []


def test_a_house_without_a_table_delivers_everywhere_free_of_charge() -> None:
    (only,) = methods_to("NZ", Money(1, "NZD"), "gold", [], WORKING, MONDAY)
    assert (only.id, only.price, only.needs_slot) == ("standard", Money(0, "NZD"), False)
    assert (only.earliest, only.latest) == (date(2026, 11, 25), date(2026, 11, 30))


def test_days_are_working_days_here_and_there() -> None:
    closed = [
        ClosedDay(country="", day=date(2026, 11, 24), name="stocktaking"),
        ClosedDay(country="SA", day=date(2026, 11, 29), name="a feast"),
    ]
    calendar = Calendar("CN", closed)
    before, after = datetime(2026, 11, 23, 14, 59), datetime(2026, 11, 23, 15, 0)
    assert calendar.leaves(before, time(15)) == MONDAY
    assert calendar.leaves(after, time(15)) == date(2026, 11, 25)
    friday = datetime(2026, 11, 27, 16, 0)
    assert calendar.leaves(friday, time(15)) == date(2026, 11, 30)
    thursday = date(2026, 11, 26)
    assert calendar.after("CN", thursday, 1) == date(2026, 11, 27)
    assert calendar.after("SA", thursday, 1) == date(2026, 11, 30), "Friday, Saturday and the feast are free"
    assert calendar.after("SA", thursday, 0) == thursday


def test_a_year_of_closed_days_still_has_an_end() -> None:
    days = [date.fromordinal(MONDAY.toordinal() + ahead) for ahead in range(400)]
    calendar = Calendar("CN", [ClosedDay(country="", day=day, name="x") for day in days])
    assert calendar.leaves(datetime(2026, 11, 23, 9), time(15)) == MONDAY


ROWS = {
    "delivery": [*RATES],
    "taxes": [
        TaxRule(country="FR", kind="vat", name="TVA, normale", rate="20"),
        TaxRule(
            country="US", region="NY", postcode="100", kind="sales_tax", name="Sales tax", rate="8.875",
            included=False, rounding="half_even", rounded_per="order", currency="USD", from_value=10_001,
            until_value=50_000, from_day=MONDAY,
        ),
    ],
    "closed_days": [ClosedDay(country="", day=MONDAY, name='"Open" not'), ClosedDay(country="FR", day=MONDAY, name="x")],
}  # fmt: skip


@pytest.mark.parametrize("table", ROWS)
def test_a_table_goes_out_and_comes_in_the_same(table: str) -> None:
    text = sheets.write(sheets.SHEETS[table], ROWS[table])
    assert sheets.read(sheets.SHEETS[table], "\ufeff" + text) == (ROWS[table], [])


@pytest.mark.parametrize(
    ("table", "text", "fault"),
    [
        ("delivery", "Method,Country\nstandard,CN,1\n", (2, "", "more cells than columns")),
        ("delivery", "Method,Land\n", (1, "", "the columns are Method, Country, Currency")),
        ("delivery", "Method,Country,Currency,Price\nhorse,CN,CNY,1\n", (2, "Method", "one of standard")),
        (
            "delivery",
            "Method,Country,Currency,Price\nexpress,Cn,CNY,1\n",
            (2, "Country", "'Cn' is no country"),
        ),
        (
            "delivery",
            "Method,Country,Currency,Price\nexpress,CN,JPY,1.5\n",
            (2, "Price", "more digits than JPY"),
        ),
        ("delivery", "Method,Country,Currency,Price\nexpress,CN,*,1\n", (2, "Price", "without a currency")),
        ("taxes", "Country,Kind,Name,Rate\nFR,vat,TVA,100\n", (2, "Rate", "a percentage of 0 or more")),
        ("taxes", "Country,Kind,Name,Rate\nFR,vat,TVA,nan\n", (2, "Rate", "a percentage")),
        (
            "taxes",
            "Country,Kind,Name,Rate\nFR,vat,TVA,20\n\nFR,vat,TVA,10\n",
            (4, "Country", "an earlier row"),
        ),
        ("taxes", "Country,Region,Kind,Name,Rate\nUS,Bavaria,vat,x,1\n", (2, "Region", "is no region of US")),
        ("taxes", "Country,Kind,Name,Rate,From value\nFR,vat,TVA,1,10\n", (2, "Currency", "values need one")),
        ("taxes", "Country,Kind,Name,Rate\nFR,cross_border,x,70\n", (2, "Kind", "imports into CN")),
        ("closed_days", 'Country,Day,Name\nFR,"2026-1', (1, "", "this is no CSV")),
        ("closed_days", "Country,Day,Name\nFR,tomorrow,x\n", (2, "Day", "a date as")),
    ],
)
def test_a_fault_names_row_and_column(table: str, text: str, fault: tuple[int, str, str]) -> None:
    _, (found, *more) = sheets.read(sheets.SHEETS[table], text)
    assert (found.row, found.column, more) == (*fault[:2], [])
    assert fault[2] in found.message


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading_of_a_table(text: str) -> None:
    for sheet in sheets.SHEETS.values():
        rows, faults = sheets.read(sheet, text)
        assert faults or rows == []


def test_places_of_appointments() -> None:
    assert places_of(Destination(country="US", region="new york")) == ["us", "us-new york", "us-ny"]
    assert places_of(Destination(country="SG")) == ["sg"]
    assert checked("white_glove", " CN-Shanghai ", "10:00", "12:00", 2) is not None
    for wrong in (
        ("horse", "CN", "10:00", "12:00", 2),
        ("collect", "Shanghai", "10:00", "12:00", 2),
        ("collect", "CN", "12:00", "10:00", 2),
        ("collect", "CN", "10:00", "24:00", 2),
        ("collect", "CN", "10:00", "12:00", -1),
    ):
        assert checked(*wrong) is None
