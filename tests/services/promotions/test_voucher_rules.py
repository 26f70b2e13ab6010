"""The rules of vouchers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.promotions.contract import Evaluation, Line, VoucherRules
from luxe.services.promotions.domain.codes import code_of, digest_of
from luxe.services.promotions.domain.vouchers import Offer, Purchase, check, evaluate

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BAG = Line(variant_id="bag", brand="ondevar", category="bags", total=Money(100_001, "CNY"))
WATCH = Line(variant_id="watch", brand="heure", category="watches", total=Money(300_000, "CNY"))


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


def offer(code: str = "A", *, by_member: int = 0, by_code: int = 0, used: int = 0, **rules: Any) -> Offer:
    return Offer(
        code=code,
        number=0,
        voucher_id=f"vou_{code}",
        name=f"Voucher {code}",
        rules=VoucherRules(**rules),
        revoked=False,
        by_member=by_member,
        by_code=by_code,
        in_all=used,
    )


def buy(*offers: Offer, lines: list[Line] | None = None, tier: str = "gold", codes: str = "") -> Evaluation:
    purchase = Purchase(tier=tier, country="CN", currency="CNY", lines=lines or [BAG, WATCH])
    return evaluate(purchase, list(codes) or [each.code for each in offers], offers, NOW)


def off(evaluation: Evaluation) -> dict[str, int]:
    return {line.variant_id: line.before.minor - line.after.minor for line in evaluation.lines}


def rejected(evaluation: Evaluation) -> dict[str, str]:
    return {each.code: each.reason for each in evaluation.rejected}


def test_a_percentage_is_divided_by_price_to_the_minor_unit() -> None:
    found = buy(offer(percent=15))
    assert found.total == cny(60_000)
    assert off(found) == {"bag": 15_000, "watch": 45_000}
    assert [(reason.name, reason.percent, reason.amount) for reason in found.lines[0].reasons] == [
        ("Voucher A", 15, cny(15_000))
    ]


def test_an_amount_never_takes_more_than_is_there() -> None:
    assert buy(offer(amounts=[cny(50_000), Money(7_000, "EUR")])).total == cny(50_000)
    found = buy(offer(amounts=[cny(10**9)]), lines=[BAG])
    assert (found.total, found.lines[0].after) == (cny(100_001), cny(0))


def test_a_percentage_can_be_capped() -> None:
    assert buy(offer(percent=50, most=[cny(99)])).total == cny(99)


@pytest.mark.parametrize(
    ("rules", "discounts"),
    [
        ({"brands": ["ondevar"]}, {"bag": 10_000, "watch": 0}),
        ({"categories": ["watches"]}, {"bag": 0, "watch": 30_000}),
        ({"brands": ["ondevar", "heure"], "categories": ["watches"]}, {"bag": 0, "watch": 30_000}),
    ],
)
def test_only_what_is_in_scope_costs_less(rules: dict[str, Any], discounts: dict[str, int]) -> None:
    assert off(buy(offer(percent=10, **rules))) == discounts


@pytest.mark.parametrize(
    ("given_offer", "reason"),
    [
        (offer(percent=10, brands=["elsewhere"]), "not_in_scope"),
        (offer(percent=10, brands=["ondevar"], minimums=[cny(100_002)]), "minimum_not_reached"),
        (offer(percent=10, minimums=[Money(1, "EUR")]), "not_in_currency"),
        (offer(amounts=[Money(1, "EUR")]), "not_in_currency"),
        (offer(percent=10, tiers=["black"]), "not_for_tier"),
        (offer(percent=10, countries=["FR"]), "not_for_country"),
        (offer(percent=10, per_member=2, by_member=2), "used_up"),
        (offer(percent=10, per_code=1, by_code=1), "used_up"),
        (offer(percent=10, in_all=5, used=5), "used_up"),
        (offer(percent=10, starts_at=NOW + timedelta(seconds=1)), "code_invalid"),
        (offer(percent=10, ends_at=NOW), "code_invalid"),
    ],
)
def test_why_a_code_takes_nothing_off(given_offer: Offer, reason: str) -> None:
    found = buy(given_offer)
    assert (rejected(found), found.total, found.discounts) == ({"A": reason}, cny(0), [])
    assert [line.after for line in found.lines] == [BAG.total, WATCH.total]


def test_a_minimum_that_is_reached_exactly_is_reached() -> None:
    assert buy(offer(percent=10, brands=["ondevar"], minimums=[cny(100_001)])).total == cny(10_000)
    assert buy(offer(percent=10, starts_at=NOW, ends_at=NOW + timedelta(seconds=1))).total == cny(40_000)


def test_an_unknown_code_and_a_revoked_one_are_answered_alike() -> None:
    found = buy(offer("A", percent=10), codes="XA")
    assert rejected(found) == {"X": "code_invalid"}
    assert found.total == cny(40_000)


def test_stackable_ones_add_up_percentages_first() -> None:
    ten, amount = offer("A", percent=10, stackable=True), offer("B", amounts=[cny(1_000)], stackable=True)
    for offers in ([ten, amount], [amount, ten]):
        found = buy(*offers, lines=[BAG])
        assert (found.total, rejected(found)) == (cny(11_000), {})
        assert [reason.amount for reason in found.lines[0].reasons] == [cny(10_000), cny(1_000)]


def test_one_that_stands_alone_competes_with_the_rest_together() -> None:
    alone = offer("A", percent=15)
    stacked = [offer("B", percent=10, stackable=True), offer("C", amounts=[cny(1_000)], stackable=True)]
    assert rejected(buy(alone, *stacked)) == {"B": "not_combinable", "C": "not_combinable"}
    better = [offer("B", percent=10, stackable=True), offer("C", amounts=[cny(90_000)], stackable=True)]
    assert rejected(buy(alone, *better)) == {"A": "not_combinable"}


def test_of_equal_ones_the_first_given_wins() -> None:
    one, other = offer("A", percent=10), offer("B", percent=10)
    assert rejected(buy(one, other)) == {"B": "not_combinable"}
    assert rejected(buy(other, one)) == {"A": "not_combinable"}


amounts = st.integers(1, 10**10).map(cny)
lines_of = st.lists(
    st.tuples(st.sampled_from("pq"), st.sampled_from("xy"), st.integers(0, 10**9)), min_size=1, max_size=8
).map(
    lambda parts: [
        Line(variant_id=f"var_{place}", brand=brand, category=category, total=cny(minor))
        for place, (brand, category, minor) in enumerate(parts)
    ]
)
rules_of = st.one_of(
    st.fixed_dictionaries({"percent": st.integers(1, 100)}, optional={"most": st.lists(amounts, max_size=1)}),
    st.fixed_dictionaries({"amounts": st.lists(amounts, min_size=1, max_size=1)}),
).flatmap(
    lambda base: st.fixed_dictionaries(
        {name: st.just(value) for name, value in base.items()},
        optional={
            "brands": st.lists(st.sampled_from("pq"), max_size=1),
            "categories": st.lists(st.sampled_from("xy"), max_size=1),
            "stackable": st.booleans(),
        },
    )
)


@settings(max_examples=1_000, deadline=None)
@given(lines_of, st.lists(rules_of, max_size=4))
def test_lines_vouchers_and_total_always_agree(lines: list[Line], rules: list[dict[str, Any]]) -> None:
    offers = [offer(code, **each) for code, each in zip("ABCD", rules, strict=False)]
    found = buy(*offers, lines=lines, codes="".join(each.code for each in offers) or "X")
    for line in found.lines:
        taken = sum(reason.amount.minor for reason in line.reasons)
        assert line.before.minor - taken == line.after.minor >= 0
    by_line = sum(line.before.minor - line.after.minor for line in found.lines)
    assert by_line == found.total.minor == sum(each.amount.minor for each in found.discounts)
    for each in found.discounts:
        parts = [
            r.amount.minor for line in found.lines for r in line.reasons if r.voucher_id == each.voucher_id
        ]
        assert sum(parts) == each.amount.minor
    used, left = {each.code for each in found.discounts}, set(rejected(found))
    assert used.isdisjoint(left)
    assert used | left == ({each.code for each in offers} or {"X"})


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({}, "percent"),
        ({"percent": 10, "amounts": [cny(1)]}, "percent"),
        ({"percent": 101}, "percent"),
        ({"percent": 0}, "percent"),
        ({"amounts": [cny(1), cny(2)]}, "amounts"),
        ({"amounts": [cny(0)]}, "amounts"),
        ({"amounts": [cny(1)], "most": [cny(1)]}, "most"),
        ({"percent": 5, "minimums": [cny(-1)]}, "minimums"),
        ({"percent": 5, "per_member": 0}, "per_member"),
        ({"percent": 5, "starts_at": NOW, "ends_at": NOW}, "ends_at"),
        ({"percent": 5, "starts_at": datetime(2026, 1, 1)}, "starts_at"),
    ],
)
def test_rules_that_make_no_voucher(rules: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(VoucherRules(**rules))
    assert (refused.value.code, refused.value.extra) == ("rules_invalid", {"field": field})


def test_codes_are_many_alike_and_read_however_they_are_typed() -> None:
    codes = {code_of("secret", "vou_1", number) for number in range(2_000)}
    assert len(codes) == 2_000
    assert all(len(code) == 14 and not set(code) & set("OILU") for code in codes)
    assert code_of("another secret", "vou_1", 0) != code_of("secret", "vou_1", 0)
    code = "A0B1-CDEF-GH1J"
    for typed in ("a0b1cdefgh1j", " AOBI CDEF GHLJ ", "A0B1-CDEF-GH1J"):
        assert digest_of("secret", typed) == digest_of("secret", code)
    assert digest_of("another", code) != digest_of("secret", code)
