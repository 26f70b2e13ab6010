"""Checkouts that are refused: everything before is undone, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from luxe.kernel.errors import Refusal
from luxe.sagas.checkout.contract import CheckoutInput, CheckoutLine
from luxe.services.catalog.contract import Port as CatalogPort
from luxe.services.inventory.contract import HoldLine, StockChanged
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.payments.contract import Intent
from tests.sagas.checkout.stage import ADDRESS, LEASE_OVER, PAYABLE, POINTS, Basket, Effects, Stage
from tests.services.payments.provider import POOR

Spoil = Callable[[Stage, CheckoutInput], Awaitable[CheckoutInput | None]]


async def sold(stage: Stage, wanted: CheckoutInput) -> None:
    inventory = stage.house.port(InventoryPort)
    line = HoldLine(variant_id=wanted.lines[0].variant_id, quantity=1)
    await inventory.hold(run=f"run_rival_of_{stage.mei}", lines=[line], seconds=60)
    await inventory.commit(run=f"run_rival_of_{stage.mei}", order_id="ord_rival")


async def wants_more_than_there_are(stage: Stage, wanted: CheckoutInput) -> CheckoutInput:
    ring, scarf = wanted.lines
    more = [ring, replace(scarf, quantity=4)]
    return replace(wanted, lines=more, expected=replace(wanted.expected, minor=PAYABLE + 300_000))


async def dearer(stage: Stage, wanted: CheckoutInput) -> None:
    await stage.reprice(wanted.lines[0].variant_id, 1_000_001)


async def cheaper(stage: Stage, wanted: CheckoutInput) -> None:
    await stage.reprice(wanted.lines[1].variant_id, 149_999)


async def saw_no_points(stage: Stage, wanted: CheckoutInput) -> CheckoutInput:
    return replace(wanted, points=0)


async def withdrawn(stage: Stage, wanted: CheckoutInput) -> None:
    catalog = stage.house.port(CatalogPort)
    (line,) = await catalog.lines(variant_ids=[wanted.lines[1].variant_id], locale="en")
    await catalog.withdraw(product_id=line.product_id, reason="recalled")


async def without_a_price(stage: Stage, wanted: CheckoutInput) -> CheckoutInput:
    return replace(wanted, currency="EUR", expected=replace(wanted.expected, currency="EUR"))


async def unknown(stage: Stage, wanted: CheckoutInput) -> CheckoutInput:
    return replace(wanted, lines=[*wanted.lines, CheckoutLine(variant_id="var_unheard_of", quantity=1)])


async def not_a_member(stage: Stage, wanted: CheckoutInput) -> CheckoutInput:
    return replace(wanted, account_id=stage.stranger)


async def too_few_points(stage: Stage, wanted: CheckoutInput) -> CheckoutInput:
    return replace(wanted, points=POINTS + 1, expected=replace(wanted.expected, minor=PAYABLE - 1))


async def too_many_points(stage: Stage, wanted: CheckoutInput) -> CheckoutInput:
    return replace(wanted, points=650_001, expected=replace(wanted.expected, minor=649_999))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (sold, "sold_out"),
        (wants_more_than_there_are, "sold_out"),
        (dearer, "price_changed"),
        (cheaper, "price_changed"),
        (saw_no_points, "price_changed"),
        (withdrawn, "not_for_sale"),
        (without_a_price, "not_for_sale"),
        (unknown, "not_for_sale"),
        (not_a_member, "not_a_member"),
        (too_few_points, "points_short"),
        (too_many_points, "points_invalid"),
    ],
)
async def test_what_cannot_be_held_leaves_no_trace(stage: Stage, spoil: Spoil, code: str) -> None:
    basket = await stage.basket()
    wanted = await spoil(stage, basket.wanted) or basket.wanted
    before = await stage.seen()
    view = await stage.start(wanted)
    assert (view.state, view.step, view.problem_code) == ("refused", "hold", code)
    assert (view.pay_at, view.order_id) == ("", "")
    assert view.problem
    assert await stage.seen() == before
    assert await stage.seen(wanted.account_id) == replace(
        await stage.seen(wanted.account_id), orders=[], charges=[]
    )
    assert await stage.units(view.run) == []
    assert await stage.log(view.run) == [("hold", "refused"), ("hold", "undone")]


@pytest.mark.parametrize("spoil", [dearer, cheaper, saw_no_points])
async def test_another_price_than_the_member_saw_withholds_nothing_meanwhile(
    stage: Stage, spoil: Spoil
) -> None:
    """It is refused before anything is held, so that nobody else meets a piece that is held for nothing."""
    basket = await stage.basket()
    wanted = await spoil(stage, basket.wanted) or basket.wanted
    told = [await stage.facts(StockChanged, piece) for piece in stage.pieces]
    view = await stage.start(wanted)
    assert [await stage.facts(StockChanged, piece) for piece in stage.pieces] == told
    assert await stage.journals(view.run) == []


async def turned_back(stage: Stage, intent: Intent) -> None:
    await stage.psp.turn_back(intent)
    await stage.hear(intent.run, "voided")


async def declined(stage: Stage, intent: Intent) -> None:
    await stage.pay(intent.run, POOR)


async def expired(stage: Stage, intent: Intent) -> None:
    await stage.psp.expire(intent)
    await stage.hear(intent.run, "expired")


async def ran_out_of_time(stage: Stage, intent: Intent) -> None:
    await stage.later(minutes=14, seconds=50)
    assert (await stage.view(intent.run)).state == "running"
    await stage.later(seconds=11)


async def given_up(stage: Stage, intent: Intent) -> None:
    await stage.give_up(intent.run)


@pytest.mark.parametrize(
    ("happens", "code", "effects"),
    [
        (declined, "payment_failed", ["decline"]),
        (turned_back, "payment_failed", ["cancel"]),
        (expired, "payment_expired", ["expire"]),
        (ran_out_of_time, "payment_expired", ["void"]),
        (given_up, "abandoned", ["void"]),
    ],
)
async def test_a_payment_that_does_not_come_undoes_the_hold(
    stage: Stage, happens: Callable[[Stage, Intent], Awaitable[None]], code: str, effects: list[str]
) -> None:
    basket = await stage.basket()
    run = (await stage.start(basket.wanted)).run
    await happens(stage, await stage.intent(run))
    await stage.settle()
    view = await stage.view(run)
    assert (view.state, view.problem_code, view.pay_at, view.order_id) == ("refused", code, "", "")
    charges: Effects = [(effect, PAYABLE) for effect in ["create", *effects]]
    assert await stage.seen() == replace(basket.before, charges=[charges])
    assert await stage.units(run) == []
    assert await stage.journals(run) == [("hold", 0), ("release", 0)]
    log = await stage.log(run)
    undone = [step for step, outcome in log if outcome == "undone"]
    assert (log[-1], len(undone)) == (("hold", "undone"), len(set(undone)))


async def test_an_authorisation_that_lapsed_meanwhile_places_no_order(stage: Stage) -> None:
    """The process was lost on hearing that the payment stood; when its peer takes over, it stands no more."""
    basket = await stage.basket()
    run = (await stage.start(basket.wanted)).run
    reached = stage.breaks.lose("authorise", 1)
    await stage.pay(run)
    await stage.news()
    await stage.idle(or_until=reached)
    await stage.kill()
    await expired(stage, await stage.intent(run))
    await stage.settle()
    await stage.later(seconds=LEASE_OVER)
    view = await stage.carry_through(run)
    assert (view.state, view.problem_code, view.order_id) == ("refused", "payment_expired", "")
    charges: Effects = [(effect, PAYABLE) for effect in ("create", "authorise", "expire")]
    assert await stage.seen() == replace(basket.before, charges=[charges])


async def test_after_a_refusal_the_same_basket_can_be_bought(stage: Stage) -> None:
    basket = await stage.basket()
    first = (await stage.start(basket.wanted, key="first")).run
    await stage.give_up(first)
    second = await stage.buy(basket.wanted, key="second")
    assert (second.state, second.run != first) == ("done", True)
    voided: Effects = [("create", PAYABLE), ("void", PAYABLE)]
    assert await stage.seen() == replace(basket.bought, charges=[voided, *basket.bought.charges])


async def test_a_refused_run_stays_refused_under_its_key(stage: Stage) -> None:
    basket = await stage.basket()
    run = (await stage.start(basket.wanted)).run
    await stage.give_up(run)
    after = await stage.seen()
    assert await stage.start(basket.wanted) == await stage.view(run)
    assert await stage.seen() == after


async def test_a_hold_that_lapsed_while_nobody_was_there_is_not_charged(stage: Stage) -> None:
    """The house was down for days after the member had paid; meanwhile the only ring was sold to Yan."""
    basket = await stage.basket()
    run = (await stage.start(basket.wanted)).run
    await stage.pay(run)
    await stage.kill()
    stage.turn_clock(days=4)
    await stage.house.run_jobs("inventory")
    await sold(stage, basket.wanted)
    view = await stage.carry_through(run)
    assert (view.state, view.problem_code, view.order_id) == ("refused", "hold_expired", "")
    seen = await stage.seen()
    assert [effect for effect, _ in seen.charges[0]] == ["create", "authorise", "void"]
    assert (seen.points, seen.orders, seen.bag) == ((POINTS, 0), [], basket.before.bag)
    assert await stage.units(run) == []


@pytest.mark.usefixtures("binding")
@pytest.mark.parametrize(
    ("change", "code", "fields"),
    [
        ({"lines": []}, "bag_empty", []),
        ({"points": -1}, "checkout_invalid", ["points"]),
        ({"gift_message": "a" * 301}, "checkout_invalid", ["gift_message"]),
        ({"deliver_on": date(2020, 1, 1)}, "checkout_invalid", ["deliver_on"]),
        ({"address": replace(ADDRESS, line1="", phone="")}, "address_incomplete", ["line1", "phone"]),
    ],
)
async def test_what_is_not_complete_starts_no_run(
    stage: Stage, change: dict[str, Any], code: str, fields: list[str]
) -> None:
    basket = await stage.basket()
    await _assert_no_run(stage, basket, replace(basket.wanted, **change), code, fields)


@pytest.mark.parametrize("quantity", [0, -1, 101])
async def test_a_quantity_beyond_reason_starts_no_run(stage: Stage, quantity: int) -> None:
    basket = await stage.basket()
    lines = [replace(basket.wanted.lines[0], quantity=quantity)]
    await _assert_no_run(stage, basket, replace(basket.wanted, lines=lines), "checkout_invalid", ["lines"])


async def test_a_piece_on_two_lines_starts_no_run(stage: Stage) -> None:
    basket = await stage.basket()
    twice = replace(basket.wanted, lines=basket.wanted.lines * 2)
    await _assert_no_run(stage, basket, twice, "checkout_invalid", ["lines"])


async def _assert_no_run(
    stage: Stage, basket: Basket, wanted: CheckoutInput, code: str, fields: list[str]
) -> None:
    with pytest.raises(Refusal) as refused:
        await stage.port.start(key="key", input=wanted)
    assert refused.value.code == code
    assert [each["field"] for each in refused.value.extra.get("errors", [])] == fields
    assert await stage.seen() == basket.before
    runs = await stage.house.rows(
        "checkout", "SELECT id FROM checkout.runs WHERE owner = :who", who=stage.mei
    )
    assert runs == []
