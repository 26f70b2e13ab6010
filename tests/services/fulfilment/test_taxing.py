"""Duties and taxes by the table: sums that are exact however they are rounded, and the rules of some countries."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxe.kernel.money import Money
from luxe.services.fulfilment.contract import GoodsLine, Tax
from luxe.services.fulfilment.domain.cross_border import assess
from luxe.services.fulfilment.domain.rows import TaxRule
from luxe.services.fulfilment.domain.taxing import RegionUnknown, Sale, rounded

DAY = date(2026, 11, 23)
VAT = TaxRule(country="FR", kind="vat", name="TVA", rate="20")


def line(total: Money, variant: str = "var_a", category: str = "silk") -> GoodsLine:
    return GoodsLine(variant_id=variant, category=category, quantity=1, total=total)


def sale(*lines: GoodsLine, country: str = "FR", origin: str = "domestic", **more: object) -> Sale:
    values = {
        "region": "",
        "postcode": "",
        "day": DAY,
        "delivery": Money.zero(lines[0].total.currency),
    } | more
    return Sale(country=country, origin=origin, lines=lines, **values)  # pyright: ignore[reportArgumentType]


def amounts(taxes: list[Tax]) -> list[tuple[str, str, int, int]]:
    return [(tax.name, tax.rate, tax.base.minor, tax.amount.minor) for tax in taxes]


ROUNDINGS = st.sampled_from(["half_up", "half_even", "down", "up"])
RULES = st.builds(
    TaxRule,
    country=st.just("FR"),
    kind=st.sampled_from(["vat", "gst", "duty", "sales_tax"]),
    name=st.sampled_from(["one", "two", "three"]),
    rate=st.decimals(0, 99, places=3).map(str),
    category=st.sampled_from(["", "silk", "watches"]),
    included=st.booleans(),
    compound=st.booleans(),
    on_delivery=st.booleans(),
    rounding=ROUNDINGS,
    rounded_per=st.sampled_from(["line", "order"]),
)
TOTALS = st.lists(st.integers(0, 10**9), min_size=1, max_size=8)


@given(TOTALS, st.integers(0, 10**6), st.lists(RULES, max_size=5), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_included_tax_never_changes_the_total_and_added_tax_is_what_it_says(
    totals: list[int], delivery: int, rules: list[TaxRule], currency: str
) -> None:
    lines = [
        line(Money(total, currency), f"var_{place}", "silk" if place % 2 else "watches")
        for place, total in enumerate(totals)
    ]
    taxes = assess(sale(*lines, delivery=Money(delivery, currency)), rules)
    assert all(tax.amount.currency == tax.base.currency == currency for tax in taxes)
    assert all(tax.amount.minor >= 0 for tax in taxes)
    prices = {each.variant_id: each.total.minor for each in lines} | {"": delivery}
    for variant_id, price in prices.items():
        of_line = [tax for tax in taxes if tax.variant_id == variant_id]
        included = sum(tax.amount.minor for tax in of_line if tax.included)
        assert included <= price
        plain = {tax.base.minor for tax in of_line if not _compound(tax, rules)}
        assert plain <= {price - included}


def _compound(tax: Tax, rules: list[TaxRule]) -> bool:
    return any(rule.compound for rule in rules if (rule.kind, rule.name) == (tax.kind, tax.name))


@given(TOTALS, st.decimals(0, 99, places=3), ROUNDINGS, st.booleans())
def test_a_tax_rounded_per_order_is_one_rounding_shared_by_its_lines(
    totals: list[int], rate: Decimal, rounding: str, included: bool
) -> None:
    rule = TaxRule(
        country="FR",
        kind="vat",
        name="TVA",
        rate=str(rate),
        included=included,
        rounding=rounding,  # pyright: ignore[reportArgumentType]
        rounded_per="order",
    )
    lines = [line(Money(total, "EUR"), f"var_{place}") for place, total in enumerate(totals)]
    taxes = assess(sale(*lines), [rule])
    part = Fraction(rate) / 100
    share = part / (1 + part) if included else part
    exact = sum(totals) * share
    assert sum(tax.amount.minor for tax in taxes) == (rounded(exact, rounding) if rate else 0)  # pyright: ignore[reportArgumentType]
    for tax, total in zip(taxes, totals, strict=bool(rate)):
        assert abs(tax.amount.minor - total * share) <= 1


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        ("half_up", [1, 2, 3, 1, 2]),
        ("half_even", [0, 2, 2, 1, 2]),
        ("down", [0, 1, 2, 0, 1]),
        ("up", [1, 2, 3, 1, 2]),
    ],
)
def test_roundings_by_name(rounding: str, expected: list[int]) -> None:
    exact = [Fraction(1, 2), Fraction(3, 2), Fraction(5, 2), Fraction(3, 4), Fraction(17, 10)]
    assert [rounded(each, rounding) for each in exact] == expected  # pyright: ignore[reportArgumentType]
    assert [rounded(-each, rounding) for each in exact] == [-each for each in expected]  # pyright: ignore[reportArgumentType]


def test_vat_is_part_of_the_price() -> None:
    found = assess(sale(line(Money(12_000, "EUR")), delivery=Money(1_500, "EUR")), [VAT])
    assert amounts(found) == [("TVA", "20", 10_000, 2_000), ("TVA", "20", 1_250, 250)]
    assert [(tax.variant_id, tax.included) for tax in found] == [("var_a", True), ("", True)]


NEW_YORK = [
    TaxRule(country="US", region="NY", kind="sales_tax", name="Sales tax", rate="4", included=False),
    TaxRule(
        country="US",
        region="NY",
        postcode="100",
        kind="sales_tax",
        name="Sales tax",
        rate="8.875",
        included=False,
    ),
    TaxRule(
        country="US",
        region="NY",
        category="silk",
        kind="sales_tax",
        name="Sales tax",
        rate="0",
        included=False,
    ),
]


@pytest.mark.parametrize(
    ("region", "postcode", "category", "expected"),
    [
        ("New York", "10013-1234", "watches", [("Sales tax", "8.875", 10_000, 888)]),
        ("ny", "12207", "watches", [("Sales tax", "4", 10_000, 400)]),
        ("US-NY", "12207", "silk", []),
        ("Oregon", "97201", "watches", []),
    ],
)
def test_the_most_exact_rule_holds(
    region: str, postcode: str, category: str, expected: list[tuple[str, str, int, int]]
) -> None:
    there = sale(
        line(Money(10_000, "USD"), category=category), country="US", region=region, postcode=postcode
    )
    assert amounts(assess(there, NEW_YORK)) == expected


def test_where_the_region_decides_an_unknown_one_is_refused() -> None:
    with pytest.raises(RegionUnknown):
        assess(sale(line(Money(10_000, "USD")), country="US", region="Neu Jork"), NEW_YORK)
    assert assess(sale(line(Money(10_000, "EUR"))), NEW_YORK) == []


def test_canada_adds_its_two_taxes_side_by_side() -> None:
    rules = [
        TaxRule(country="CA", kind="gst", name="GST", rate="5", included=False),
        TaxRule(country="CA", region="QC", kind="sales_tax", name="QST", rate="9.975", included=False),
        TaxRule(country="CA", region="ON", kind="gst", name="GST", rate="0", included=False),
        TaxRule(country="CA", region="ON", kind="gst", name="HST", rate="13", included=False),
    ]
    bought = line(Money(10_000, "CAD"))
    in_quebec = assess(sale(bought, country="CA", region="Québec"), rules)
    assert amounts(in_quebec) == [("GST", "5", 10_000, 500), ("QST", "9.975", 10_000, 998)]
    in_ontario = assess(sale(bought, country="CA", region="Ontario"), rules)
    assert amounts(in_ontario) == [("HST", "13", 10_000, 1_300)]


def test_a_compound_tax_is_on_the_duty_too_and_values_and_days_bound_a_rule() -> None:
    rules = [
        TaxRule(
            country="AU", kind="duty", name="Duty", rate="5", included=False, origin="import", currency="AUD",
            from_value=100_000,
        ),
        TaxRule(
            country="AU", kind="gst", name="GST", rate="10", included=False, compound=True,
            until_day=date(2026, 12, 31),
        ),
    ]  # fmt: skip
    dear = sale(line(Money(100_000, "AUD")), country="AU", origin="import")
    assert amounts(assess(dear, rules)) == [("Duty", "5", 100_000, 5_000), ("GST", "10", 105_000, 10_500)]
    cheap = sale(line(Money(99_999, "AUD")), country="AU", origin="import")
    assert amounts(assess(cheap, rules)) == [("GST", "10", 99_999, 10_000)]
    later = sale(line(Money(100_000, "AUD")), country="AU", origin="import", day=date(2027, 1, 1))
    assert amounts(assess(later, rules)) == [("Duty", "5", 100_000, 5_000)]
    from_home = sale(line(Money(100_000, "AUD")), country="AU")
    assert amounts(assess(from_home, rules)) == [("GST", "10", 100_000, 10_000)]


CHINA = [
    TaxRule(country="CN", kind="vat", name="VAT", rate="13", origin="import", included=False, compound=True),
    TaxRule(
        country="CN", kind="consumption_tax", name="Consumption tax", rate="15", origin="import",
        category="fragrance", included=False, compound=True,
    ),
    TaxRule(country="CN", kind="duty", name="Duty", rate="10", origin="import", included=False),
    TaxRule(country="CN", kind="cross_border", name="CBEC", rate="70", origin="import", included=False),
]  # fmt: skip


def into_china(minor: int, category: str = "fragrance", before: int | None = None) -> list[Tax]:
    bought = None if before is None else Money(before, "CNY")
    goods = line(Money(minor, "CNY"), category=category)
    return assess(sale(goods, country="CN", origin="import", bought_this_year=bought), CHINA)


def test_cn_within_the_limits_has_seventy_per_cent_and_no_duty() -> None:
    """9.1 % without consumption tax, and 23.06 % with one of 15 %: the composite rates that customs publishes."""
    assert amounts(into_china(100_000, "silk")) == [("VAT", "9.1", 100_000, 9_100)]
    found = into_china(100_000)
    assert amounts(found) == [
        ("Consumption tax", "10.5", 117_647, 12_353),
        ("VAT", "9.1", 117_647, 10_706),
    ]
    assert {tax.kind for tax in found} == {"cross_border"}
    assert sum(tax.amount.minor for tax in found) == 23_059


@pytest.mark.parametrize(
    ("minor", "before", "kinds"),
    [
        (500_000, None, {"cross_border"}),
        (500_001, None, {"duty", "vat"}),
        (500_000, 2_100_000, {"cross_border"}),
        (500_000, 2_100_001, {"duty", "vat"}),
    ],
)
def test_cn_above_either_limit_all_is_due(minor: int, before: int | None, kinds: set[str]) -> None:
    found = into_china(minor, "silk", before)
    assert {tax.kind for tax in found} == kinds
    if "duty" in kinds:
        duty = rounded(Fraction(minor, 10), "half_up")
        vat = rounded(Fraction(minor) * Fraction(11, 10) * Fraction(13, 100), "half_up")
        assert [tax.amount.minor for tax in found] == [duty, vat]
