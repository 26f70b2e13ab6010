"""However an order is given back, in parts or at once, everything adds up: the provider's part, the gift cards', the goods'
part of both, and points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from luxe.kernel.money import Money
from luxe.services.loyalty.domain import proportion
from luxe.services.orders.contract import (
    GiftPart,
    OrderDiscount,
    OrderDraft,
    OrderLine,
    OrderTax,
    PriceReason,
    Refund,
)
from luxe.services.orders.domain import problems_of
from luxe.services.orders.domain.refunds import gift_part, goods_and_tax, goods_part, left
from luxe.services.orders.domain.returns import amount_of, shares
from luxe.services.promotions.domain.gifts import Part, parts_given_back
from tests.services.orders.drafts import draft, line

AT = datetime(2026, 11, 22, tzinfo=UTC)
BASKETS = settings(max_examples=3_000)

prices = st.integers(1, 40_000_000)
lines = st.lists(st.tuples(prices, st.integers(1, 4)), min_size=1, max_size=6)
cuts = st.lists(st.integers(1, 999), max_size=12)


@st.composite
def baskets(draw: st.DrawFn) -> OrderDraft:
    """Discounts by line, taxes that are added, up to half of the total in points, and up to all of the rest on gift cards."""
    currency = draw(st.sampled_from(["CNY", "EUR", "USD", "JPY"]))
    listed = [
        _discounted(draw, line(f"var_{n}", quantity=quantity, unit=unit, currency=currency), n)
        for n, (unit, quantity) in enumerate(draw(lines))
    ]
    delivery = draw(st.integers(0, 50_000))
    taxes = _taxes(draw, listed, delivery)
    nothing = Money.zero(currency)
    discount = sum((line.total - line.after for line in listed), nothing)
    added = sum((tax.amount for tax in taxes), nothing)
    total = sum(line.after.minor for line in listed) + delivery + added.minor
    points_worth = draw(st.integers(0, total // 2))
    cards = _cards(draw, total - points_worth, currency)
    gift_worth = sum((card.amount for card in cards), nothing)
    plain = draft(*listed, delivery=delivery, points_worth=points_worth, points=points_worth)
    basket = replace(
        plain,
        discount=discount,
        discounts=[OrderDiscount(name="Winter", amount=discount)] if discount.minor else [],
        taxes=taxes,
        tax_added=added,
        gifts=cards,
        gift_worth=gift_worth,
        payable=Money(total - points_worth, currency) - gift_worth,
    )
    assert problems_of(basket) == []
    return basket


def _discounted(draw: st.DrawFn, plain: OrderLine, number: int) -> OrderLine:
    off = plain.total.share(draw(st.sampled_from([0, 0, 10, 33, 100])), 100)
    reasons = [PriceReason(name="Winter", amount=off, percent=10)] if off.minor else []
    return replace(plain, reasons=reasons, serials=[f"S{number}-{n}" for n in range(plain.quantity)])


def _taxes(draw: st.DrawFn, listed: Sequence[OrderLine], delivery: int) -> list[OrderTax]:
    permille = draw(st.sampled_from([0, 0, 88, 200]))
    currency = listed[0].total.currency
    bases = [(line.variant_id, line.after) for line in listed] + [("", Money(delivery, currency))]
    return [
        OrderTax(
            variant_id=variant_id, kind="sales_tax", name="Sales tax", rate=str(permille / 10), base=base,
            amount=base.share(permille, 1_000), included=False,
        )
        for variant_id, base in bases
        if permille
    ]  # fmt: skip


def _cards(draw: st.DrawFn, due: int, currency: str) -> list[GiftPart]:
    """None, some that pay a part, or some that pay for everything."""
    whole = due * draw(st.sampled_from([0, 0, 1, 4, 10])) // 10
    first = whole * draw(st.integers(0, 10)) // 10
    return [
        GiftPart(ending=f"{number}", amount=Money(minor, currency))
        for number, minor in enumerate((first, whole - first))
        if minor
    ]


def refund_of(basket: OrderDraft, done: Sequence[Refund], amount: Money) -> Refund:
    """As orders sets it aside."""
    return Refund(
        id=f"rfd_{len(done)}",
        order_id="ord_1",
        run=f"run_{len(done)}",
        payment_run="run",
        kind="goodwill",
        state="pending",
        amount=amount,
        goods=goods_part(basket, done, amount),
        reason="",
        points_back=0,
        points_taken=0,
        at=AT,
        done_at=None,
        gift=gift_part(basket, done, amount),
    )


def given_back(basket: OrderDraft, permilles: Sequence[int]) -> list[Refund]:
    """Refunds one after the other, each so many thousandths of what is left then, and the rest at last."""
    done: list[Refund] = []
    for permille in [*permilles, 1_000]:
        rest = left(basket, done)
        done.append(refund_of(basket, done, Money(-(-rest.minor * permille // 1_000), rest.currency)))
    return done


def gifts(refund: Refund) -> int:
    return refund.gift.minor if refund.gift else 0


@BASKETS
@given(baskets(), cuts)
def test_the_parts_are_the_whole_to_the_cent(basket: OrderDraft, permilles: list[int]) -> None:
    done = given_back(basket, permilles)
    assert sum(each.amount.minor for each in done) == basket.paid.minor
    assert sum(each.goods.minor for each in done) == basket.goods_paid.minor
    assert sum(each.by_provider.minor for each in done) == basket.payable.minor
    assert sum(gifts(each) for each in done) == sum(card.amount.minor for card in basket.gifts)
    assert left(basket, done).minor == 0
    assert all(0 <= each.goods.minor <= each.amount.minor for each in done)
    assert all(0 <= gifts(each) <= each.amount.minor for each in done)


@BASKETS
@given(baskets(), cuts)
def test_gift_cards_are_refilled_last_and_the_last_card_first(
    basket: OrderDraft, permilles: list[int]
) -> None:
    """Promotions divide the cards' part: no card gets more back than it paid, and in the end each has it all."""
    began, before = False, 0
    spent = [Part(card.ending, card.amount.minor) for card in basket.gifts]
    back = dict.fromkeys((part.card_id for part in spent), 0)
    for each in given_back(basket, permilles):
        assert not (began and each.by_provider.minor), "the provider gave back after gift cards had begun to"
        began = began or bool(gifts(each))
        for part in parts_given_back(spent, before, gifts(each)):
            back[part.card_id] += part.minor
        before += gifts(each)
        assert sum(back.values()) == before
        assert all(back[part.card_id] <= part.minor for part in spent)
    assert back == {part.card_id: part.minor for part in spent}


@BASKETS
@given(baskets(), cuts)
def test_delivery_goes_back_last(basket: OrderDraft, permilles: list[int]) -> None:
    so_far, whole = 0, goods_and_tax(basket).minor
    goods = 0
    for each in given_back(basket, permilles):
        so_far, goods = so_far + each.amount.minor, goods + each.goods.minor
        assert (goods == basket.goods_paid.minor) if so_far >= whole else goods <= so_far


@BASKETS
@given(baskets(), cuts, st.integers(0, 5_000_000))
def test_points_follow_in_exact_proportion(basket: OrderDraft, permilles: list[int], earned: int) -> None:
    """Loyalty is told the goods' part of each refund: no point is lost, doubled, or moves against the money."""
    net, so_far, back, taken = basket.goods_paid.minor, 0, 0, 0
    for each in given_back(basket, permilles):
        so_far += each.goods.minor
        for whole, before in ((basket.points, back), (earned, taken)):
            now = proportion(whole, so_far, net)
            assert before <= now <= whole
            assert so_far >= net or abs(now * net - whole * so_far) * 2 <= net
        back, taken = proportion(basket.points, so_far, net), proportion(earned, so_far, net)
    assert (back, taken) == (basket.points, earned)


@BASKETS
@given(baskets(), cuts, st.randoms(use_true_random=False))
def test_what_units_cost_is_the_whole_in_whatever_order_they_come_back(
    basket: OrderDraft, permilles: list[int], order: object
) -> None:
    """Goodwill in between takes nothing from the sums, and the last unit brings all that is left."""
    known = shares(basket)
    assert sum(part.minor for part in known.values()) == goods_and_tax(basket).minor
    assert all(part.minor >= 0 for part in known.values())
    units = list(known)
    order.shuffle(units)  # type: ignore[attr-defined]
    done: list[Refund] = []
    for place, unit in enumerate(units):
        if place < len(permilles):
            rest = left(basket, done)
            goodwill = rest.share(permilles[place], 2_000)
            done.append(refund_of(basket, done, goodwill))
        amount = amount_of(basket, done, {unit}, last=place + 1 == len(units))
        done.append(refund_of(basket, done, amount))
    assert sum(each.amount.minor for each in done) == basket.paid.minor
    assert sum(each.goods.minor for each in done) == basket.goods_paid.minor
    assert sum(gifts(each) for each in done) == sum(card.amount.minor for card in basket.gifts)
    assert all(0 <= each.goods.minor <= each.amount.minor for each in done)


@BASKETS
@given(baskets(), cuts, st.data())
def test_refunds_that_are_dropped_leave_no_trace(
    basket: OrderDraft, permilles: list[int], data: st.DataObject
) -> None:
    """Whatever was given up in between, no part ever exceeds what was paid, and the rest makes all of them whole."""
    done: list[Refund] = []
    for permille in permilles:
        if done and data.draw(st.booleans()):
            done.pop(data.draw(st.integers(0, len(done) - 1)))
        rest = left(basket, done)
        done.append(refund_of(basket, done, rest.share(permille, 1_000)))
        assert sum(each.by_provider.minor for each in done) <= basket.payable.minor
        assert sum(each.goods.minor for each in done) <= basket.goods_paid.minor
    done.append(refund_of(basket, done, left(basket, done)))
    assert sum(each.by_provider.minor for each in done) == basket.payable.minor
    assert sum(gifts(each) for each in done) == sum(card.amount.minor for card in basket.gifts)
    assert sum(each.goods.minor for each in done) == basket.goods_paid.minor
