"""However an order is given back, in parts or at once, everything adds up: money, the goods' part of it, and points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from luxe.kernel.money import Money
from luxe.services.loyalty.domain import proportion
from luxe.services.orders.contract import OrderDraft, Refund
from luxe.services.orders.domain.refunds import gift_part, goods_part, left
from tests.services.orders.drafts import draft, line

AT = datetime(2026, 11, 22, tzinfo=UTC)
BASKETS = settings(max_examples=3_000)

prices = st.integers(1, 40_000_000)
lines = st.lists(st.tuples(prices, st.integers(1, 4)), min_size=1, max_size=6)
cuts = st.lists(st.integers(1, 999), max_size=12)


@st.composite
def baskets(draw: st.DrawFn) -> OrderDraft:
    """Up to half of the total is paid with points, as at checkout."""
    currency = draw(st.sampled_from(["CNY", "EUR", "USD", "JPY"]))
    listed = [
        line(f"var_{n}", quantity=quantity, unit=unit, currency=currency)
        for n, (unit, quantity) in enumerate(draw(lines))
    ]
    goods = sum(each.total.minor for each in listed)
    delivery = draw(st.integers(0, 50_000))
    points_worth = draw(st.integers(0, (goods + delivery) // 2))
    return draft(*listed, delivery=delivery, points_worth=points_worth, points=points_worth)


def given_back(basket: OrderDraft, permilles: Sequence[int]) -> list[Refund]:
    """Refunds one after the other, each so many thousandths of what is left then, and the rest at last."""
    done: list[Refund] = []
    for permille in [*permilles, 1_000]:
        rest = left(basket, done)
        amount = Money(-(-rest.minor * permille // 1_000), rest.currency)
        goods = goods_part(basket, done, amount)
        done.append(
            Refund(
                id=f"rfd_{len(done)}",
                order_id="ord_1",
                run=f"run_{len(done)}",
                payment_run="run",
                kind="goodwill",
                state="pending",
                amount=amount,
                goods=goods,
                reason="",
                points_back=0,
                points_taken=0,
                at=AT,
                done_at=None,
            )
        )
    return done


@BASKETS
@given(baskets(), cuts)
def test_the_parts_are_the_whole_to_the_cent(basket: OrderDraft, permilles: list[int]) -> None:
    done = given_back(basket, permilles)
    assert sum(each.amount.minor for each in done) == basket.payable.minor
    assert sum(each.goods.minor for each in done) == basket.goods_paid.minor
    assert left(basket, done).minor == 0
    assert all(0 <= each.goods.minor <= each.amount.minor for each in done)


@BASKETS
@given(baskets(), cuts)
def test_delivery_goes_back_last(basket: OrderDraft, permilles: list[int]) -> None:
    delivery_began = False
    for each in given_back(basket, permilles):
        assert not (delivery_began and each.goods.minor), "goods went back after delivery had begun to"
        delivery_began = delivery_began or each.amount > each.goods


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
