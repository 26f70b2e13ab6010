"""Over random baskets: whatever is taken out, what goes back and what is left are exactly what was paid."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.orders.contract import (
    DeliveryStep,
    EditPlan,
    GiftPart,
    KeptLine,
    OrderDiscount,
    OrderDraft,
    OrderTax,
    PriceReason,
    Refund,
    RefundKind,
    UnitRef,
)
from luxe.services.orders.domain import problems_of
from luxe.services.orders.domain.bills import taxes_of
from luxe.services.orders.domain.refunds import gift_part, goods_part, left
from luxe.services.orders.domain.repricing import plan_of, units_to_free
from tests.services.orders.drafts import draft, line

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CODE = "Spring"
REFUSALS = ("nothing_to_change", "edit_empties_order", "edit_owes", "points_cover_goods")


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


@st.composite
def baskets(pick: st.DrawFn) -> OrderDraft:
    """Lines with a percentage off, taxes of both sorts, delivery by value, points and gift cards."""
    sizes = pick(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 900_000)), min_size=1, max_size=5))
    lines = [
        msgspec.structs.replace(
            line(f"var_{at}", quantity, unit), serials=[f"{at}-{number}" for number in range(quantity)]
        )
        for at, (quantity, unit) in enumerate(sizes)
    ]
    percent = pick(st.sampled_from([0, 7, 15]))
    dressed = discounted(lines, percent)
    off = sum(reason.amount.minor for each in dressed for reason in each.reasons)
    goods = sum(each.total.minor for each in dressed)
    steps = pick(st.sampled_from([[], [(0, 5_000), (300_000, 0)]]))
    delivery = max((step for step in steps if step[0] <= goods - off), default=(0, 900))[1]
    taxes = [tax(each.variant_id, each.after, pick(st.booleans())) for each in dressed]
    added = sum(each.amount.minor for each in taxes if not each.included)
    whole = goods - off + delivery + added
    worth = pick(st.integers(0, (goods - off) // 2))
    cards = pick(st.lists(st.integers(1, 300_000), max_size=2))
    gifts = [GiftPart(ending="ABCD", amount=cny(each)) for each in cards if sum(cards) <= whole - worth]
    by_cards = sum(each.amount.minor for each in gifts)
    return draft(
        *dressed,
        delivery=delivery,
        points=worth,
        points_worth=worth,
        discount=cny(off),
        discounts=[OrderDiscount(name=CODE, amount=cny(off))] if off else [],
        taxes=taxes,
        tax_included=cny(sum(each.amount.minor for each in taxes if each.included)),
        tax_added=cny(added),
        gifts=gifts,
        gift_worth=cny(by_cards),
        payable=cny(whole - worth - by_cards),
        delivery_steps=[DeliveryStep(from_value=cny(at), price=cny(price)) for at, price in steps],
    )


def discounted(lines: list, percent: int) -> list:
    return [
        msgspec.structs.replace(
            each, reasons=[PriceReason(name=CODE, amount=share, percent=percent)] if share.minor else []
        )
        for each in lines
        for share in (each.total.share(percent, 100),)
    ]


def tax(variant: str, after: Money, included: bool) -> OrderTax:
    amount = after.share(10, 110 if included else 100)
    return OrderTax(
        variant_id=variant, kind="vat", name="VAT", rate="10", base=after, amount=amount, included=included
    )


def wish(before: OrderDraft, numbers: list[int]) -> tuple[list[KeptLine], list[OrderDiscount]]:
    percent = next((reason.percent or 0 for each in before.lines for reason in each.reasons), 0)
    kept = [
        msgspec.structs.replace(each, quantity=number, total=each.unit * number)
        for each, number in zip(before.lines, numbers, strict=True)
        if number
    ]
    lines = [
        KeptLine(variant_id=each.variant_id, quantity=each.quantity, reasons=each.reasons)
        for each in discounted(kept, percent)
    ]
    off = sum(reason.amount.minor for each in lines for reason in each.reasons)
    return lines, [OrderDiscount(name=CODE, amount=cny(off))] if off else []


def planned(
    now: OrderDraft, lines: list[KeptLine], discounts: list[OrderDiscount], back: list[Refund]
) -> EditPlan | None:
    """None where it is refused for one of the reasons that there are."""
    try:
        return plan_of(now, lines, discounts, back, units_to_free(now, lines, ()))
    except Refusal as refusal:
        if refusal.code not in REFUSALS:
            raise
        return None


def refund(kind: RefundKind, amount: Money, goods: Money, gift: Money) -> Refund:
    return Refund(
        id="rfd", order_id="ord", run="run", payment_run="run", kind=kind, state="done", amount=amount,
        goods=goods, reason="", points_back=0, points_taken=0, at=NOON, done_at=NOON, gift=gift,
    )  # fmt: skip


@given(baskets(), st.data())
def test_what_goes_back_and_what_is_left_are_what_was_paid(before: OrderDraft, data: st.DataObject) -> None:
    """Edit after edit, and a cancellation at the end: each part has gone back exactly once."""
    assert problems_of(before) == []
    now, back = before, list[Refund]()
    for _ in range(3):
        numbers = [data.draw(st.integers(0, each.quantity)) for each in now.lines]
        lines, discounts = wish(now, numbers)
        plan = planned(now, lines, discounts, back)
        if plan is None:
            continue
        assert problems_of(plan.after) == []
        assert plan.after.paid + plan.amount == now.paid
        assert plan.amount.minor >= 0
        assert [len(each.serials) for each in plan.after.lines] == [each.quantity for each in lines]
        assert all(each.amount.minor >= 0 for each in taxes_of(plan.after))
        back.append(refund("edit", plan.amount, plan.goods, plan.gift))
        now = plan.after
    rest = left(now, back)
    back.append(refund("cancellation", rest, goods_part(now, back, rest), gift_part(now, back, rest)))
    assert sum(each.amount.minor for each in back) == before.paid.minor
    assert sum(each.by_provider.minor for each in back) == before.payable.minor
    assert sum(each.goods.minor for each in back) == before.goods_paid.minor


def test_units_that_have_left_stay_and_packed_ones_go_last() -> None:
    bought = draft(msgspec.structs.replace(line(quantity=3), serials=["A", "B", "C"]))

    def freed(number: int, gone: list[str], packed: list[str]) -> list[str]:
        lines = [KeptLine(variant_id="var_clutch", quantity=number)]
        named = [{("var_clutch", serial) for serial in serials} for serials in (gone, packed)]
        return [unit.serial for unit in units_to_free(bought, lines, *named)]

    assert freed(2, [], []) == ["A"]
    assert freed(2, ["A"], ["B"]) == ["C"]
    assert freed(1, ["A"], ["B"]) == ["C", "B"]
    with pytest.raises(Refusal) as refused:
        freed(0, ["A"], [])
    assert (refused.value.code, refused.value.extra["here"]) == ("pieces_left", 2)


def test_an_edit_of_another_basket_is_refused() -> None:
    """The discounts must be those of the very lines that are left."""
    bought = draft(line(quantity=2))
    lines = [KeptLine(variant_id="var_clutch", quantity=1)]
    with pytest.raises(Refusal) as refused:
        plan_of(bought, lines, [OrderDiscount(name=CODE, amount=cny(5))], [], list[UnitRef]())
    assert refused.value.code == "order_changed"
