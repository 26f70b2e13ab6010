"""Another piece instead of one that is not wanted: what is owed, what goes back, and what happens to both pieces."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from msgspec.structs import replace

from luxe.app.invariants import exchanges, loyalty, orders
from luxe.app.invariants.forms import Within
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.sagas.cancel.contract import Port as CancelPort
from luxe.sagas.exchange.contract import JOURNEY_DAYS, PAY_DAYS, Port
from luxe.sagas.return_item.contract import Port as ReturnItemPort
from luxe.services.orders.contract import NOT_KEPT, ExchangeOwes, UnitRef
from luxe.services.orders.contract import Port as OrdersPort
from tests.sagas.cancel.stage import BOUGHT, fresh_key
from tests.sagas.checkout.breaks import failing
from tests.sagas.checkout.stage import EARNED, Seen
from tests.sagas.exchange.stage import REASON, Swap
from tests.sagas.return_item.conftest import RING, SCARF, Desk
from tests.sagas.return_item.test_return import RING_BACK, RING_PAID, RING_TAKEN
from tests.services.payments.provider import POOR

SHORT = 1_200_000 - RING_PAID
"""What is missing of the dearer piece."""
SURPLUS = RING_PAID - 400_000
"""What the brooch costs less."""


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


async def assert_books_agree(swap: Swap) -> None:
    for module, schema in ((orders, "orders"), (exchanges, "orders"), (loyalty, "loyalty")):
        for each in module.INVARIANTS:
            if isinstance(each, Within):
                assert await swap.house.rows(schema, each.broken) == [], each.name


def swapped(swap: Swap, piece: str, **change: Any) -> Seen:
    """How things stand once the ring is here again, and this piece is sold instead."""
    stock = swap.before.stock | {swap.ring: (1, 0, 1), piece: (0, 0, 0)}
    return replace(swap.before, stock=stock, orders=["partly_returned", "paid"], **change)


async def through(swap: Swap, desk: Desk, piece: str) -> str:
    """As far as an exchange goes by itself."""
    run = await swap.ask(piece)
    await desk.decide(run)
    await desk.inspect(run)
    return run


async def test_another_size_costs_nothing(swap: Swap, desk: Desk) -> None:
    """Whatever the ring had cost after discounts and points; those stay where they are."""
    run = await swap.ask(swap.size_54)
    assert (await swap.seen()).stock[swap.size_54] == (1, 0, 1)
    await desk.decide(run)
    assert (await swap.seen()).stock[swap.size_54] == (1, 1, 0)
    await desk.inspect(run)
    view = await swap.view(run)
    assert (view.state, view.owed, view.problem_code) == ("done", None, "")
    assert await swap.seen() == swapped(swap, swap.size_54)
    assert await swap.kept() == [(RING_PAID, "kept")]
    known, new = await swap.exchange(run), await swap.replacement(run)
    first = await swap.order()
    assert (known.returned.state, known.replacement_number) == ("exchanged", new.number)
    assert (new.draft.payable, new.draft.discount, new.points_earned) == (cny(0), cny(1_000_000), 0)
    assert new.draft.address == first.draft.address
    assert [(each.what, each.note) for each in new.timeline] == [
        ("placed", ""), ("paid", ""), ("exchange_of", first.number),
    ]  # fmt: skip
    assert [each.what for each in first.timeline][-4:] == [
        "return_approved", "return_inspected", "return_exchanged", "partly_returned",
    ]  # fmt: skip
    assert await swap.refunds() == []
    await assert_books_agree(swap)
    with pytest.raises(Refusal) as left:
        await swap.house.port(OrdersPort).set_aside(
            run="run_x", order_id=first.id, amount=cny(1_280_000), kind="goodwill", reason="all of it"
        )
    assert left.value.extra["left"]["minor"] == 1_280_000 - RING_PAID


async def test_what_was_kept_goes_back_with_the_replacement(swap: Swap, desk: Desk) -> None:
    """To where the ring had been paid from, with its points; and a replacement is not exchanged again."""
    run = await through(swap, desk, swap.size_54)
    new = await swap.replacement(run)
    port, mei = swap.house.port(OrdersPort), swap.stage.mei
    await port.ship(order_id=new.id)
    await port.deliver(order_id=new.id)
    unit = UnitRef(variant_id=swap.size_54, serial=new.draft.lines[0].serials[0])
    with pytest.raises(Refusal) as refused:
        await swap.house.port(Port).start(
            key=fresh_key(), account_id=mei, order_id=new.id, unit=unit, variant_id=swap.brooch,
            reason=REASON, locale="en",
        )  # fmt: skip
    assert refused.value.code == "exchanged_before"
    view = await swap.house.port(ReturnItemPort).start(
        key=fresh_key(), account_id=mei, order_id=new.id, units=[unit], reason=REASON
    )
    returning = swap.house.service("return_item").engine
    await swap.idle(returning)
    await desk.decide(view.run)
    await swap.idle(returning)
    await desk.inspect(view.run)
    await swap.idle(returning)
    seen = await swap.seen()
    assert seen.charges == [[*BOUGHT, ("refund", RING_PAID)]]
    assert seen.points == (EARNED + RING_BACK - RING_TAKEN, 0)
    assert (seen.orders, seen.stock[swap.size_54]) == (["partly_returned", "returned"], (1, 0, 1))
    assert await swap.kept() == [(RING_PAID, "done")]
    (own,) = await swap.house.port(OrdersPort).refunds(order_id=new.id)
    (first,) = await swap.refunds()
    assert (own.amount, first.amount, first.goods) == (cny(0), cny(RING_PAID), cny(RING_PAID))
    assert (first.points_back, first.points_taken) == (RING_BACK, RING_TAKEN)
    await assert_books_agree(swap)


async def test_a_replacement_that_is_cancelled_gives_all_back(swap: Swap, desk: Desk) -> None:
    run = await through(swap, desk, swap.dearer)
    await swap.pay(run)
    await swap.idle()
    new = await swap.replacement(run)
    cancel = swap.house.service("cancel").engine
    await swap.house.port(CancelPort).start(
        key=fresh_key(), by="acc_op", order_id=new.id, reason="She thought better of it", account_id=""
    )
    await swap.idle(cancel)
    seen = await swap.seen()
    assert [charge[3:] for charge in seen.charges] == [[("refund", RING_PAID)], [("refund", SHORT)]]
    assert seen.points == (EARNED + RING_BACK - RING_TAKEN, 0)
    assert seen.orders == ["partly_returned", "cancelled"]
    assert seen.stock == swap.before.stock | {swap.ring: (1, 0, 1)}
    await assert_books_agree(swap)


async def test_a_dearer_piece_is_paid_by_the_way_of_any_payment(swap: Swap, desk: Desk) -> None:
    run = await through(swap, desk, swap.dearer)
    view = await swap.view(run)
    assert (view.step, view.owed, view.pay_at) == ("difference", cny(SHORT), "")
    assert [(each.owed, each.until) for each in await swap.house.facts(ExchangeOwes)] == []
    await swap.pay(run, POOR)
    await swap.idle()
    assert ((await swap.view(run)).step, (await swap.view(run)).pay_at) == ("difference", "")
    await swap.pay(run)
    await swap.idle()
    assert (await swap.view(run)).state == "done"
    earned = SHORT // 100
    paid = [("create", SHORT), ("authorise", SHORT), ("capture", SHORT)]
    seen = await swap.seen()
    assert (seen.charges[0], seen.charges[-1]) == (BOUGHT, paid)
    assert seen == swapped(swap, swap.dearer, charges=seen.charges, points=(EARNED + earned, 0))
    new = await swap.replacement(run)
    assert (new.draft.payable, new.draft.paid, new.draft.goods_paid) == (cny(SHORT), cny(SHORT), cny(SHORT))
    assert (new.points_earned, await swap.kept()) == (earned, [(RING_PAID, "kept")])
    bills = await swap.house.port(OrdersPort).issue_bills(order_id=new.id)
    assert [(each.kind, each.content.total) for each in bills] == [("invoice", cny(SHORT))]
    await assert_books_agree(swap)


async def test_a_cheaper_piece_gives_the_rest_back(swap: Swap, desk: Desk) -> None:
    """With the points of that part; what the brooch costs stays in the first order's payment."""
    run = await through(swap, desk, swap.brooch)
    assert (await swap.view(run)).state == "done"
    seen = await swap.seen()
    assert seen.charges == [[*BOUGHT, ("refund", SURPLUS)]]
    (refund,) = await swap.refunds()
    assert (refund.kind, refund.state, refund.amount) == ("exchange", "done", cny(SURPLUS))
    assert seen.points == (EARNED + refund.points_back - refund.points_taken, 0)
    assert (refund.points_back, refund.points_taken) == (9_135, 5_846)
    assert await swap.kept() == [(400_000, "kept")]
    bills = await swap.house.port(OrdersPort).issue_bills(order_id=swap.order_id)
    assert [(each.kind, each.content.cause) for each in bills] == [
        ("invoice", ""),
        ("credit_note", "exchange"),
    ]
    await assert_books_agree(swap)


def refunded(swap: Swap) -> Seen:
    return replace(
        swap.before,
        stock=swap.before.stock | {swap.ring: (1, 0, 1)},
        points=(EARNED + RING_BACK - RING_TAKEN, 0),
        orders=["partly_returned"],
        charges=[[*BOUGHT, ("refund", RING_PAID)]],
    )


@pytest.mark.parametrize("why", ["the time to pay is over", "the member wants that", "it came too late"])
async def test_without_the_difference_it_is_a_return(swap: Swap, desk: Desk, why: str) -> None:
    run = await swap.ask(swap.dearer)
    await desk.decide(run)
    if why == "it came too late":
        await swap.later(days=JOURNEY_DAYS + 1)
        assert (await swap.seen()).stock[swap.dearer] == (1, 0, 1)
    await desk.inspect(run)
    if why == "the member wants that":
        await swap.house.port(Port).take_money(run=run, account_id=swap.stage.mei)
        await swap.idle()
    elif why == "the time to pay is over":
        await swap.later(days=PAY_DAYS - 1)
        assert (await swap.view(run)).step == "difference"
        await swap.later(days=1, minutes=1)
    assert (await swap.view(run)).state == "done"
    assert await swap.seen() == refunded(swap)
    known = await swap.exchange(run)
    assert (known.returned.state, known.replacement_id, await swap.kept()) == ("refunded", "", [])
    (refund,) = await swap.refunds()
    assert (refund.kind, refund.amount) == ("return", cny(RING_PAID))
    await assert_books_agree(swap)
    for verb in (swap.house.port(Port).pay, swap.house.port(Port).take_money):
        with pytest.raises(Refusal) as over:
            await verb(run=run, account_id=swap.stage.mei)
        assert over.value.code == "nothing_to_pay"


async def test_what_the_inspection_refuses_goes_home_and_holds_nothing(swap: Swap, desk: Desk) -> None:
    run = await swap.ask(swap.dearer)
    await desk.decide(run)
    await desk.inspect(run, accepted=False)
    view = await swap.view(run)
    assert (view.state, view.problem_code) == ("refused", "return_refused")
    assert (await desk.of(run)).state == "refused"
    assert await swap.seen() == swap.before
    await assert_books_agree(swap)


@pytest.mark.parametrize("how", ["declined", "withdrawn", "withdrawn after the approval"])
async def test_it_may_end_before_the_piece_travels(swap: Swap, desk: Desk, how: str) -> None:
    run = await swap.ask(swap.dearer)
    if how == "declined":
        await desk.decide(run, approve=False, reason="It was worn")
    else:
        if how != "withdrawn":
            await desk.decide(run)
        known = await desk.of(run)
        await desk.orders.withdraw_return(return_id=known.id, account_id=swap.stage.mei)
        await desk.news()
    view = await swap.view(run)
    assert (view.state, view.problem_code) == ("refused", f"return_{how.split(' ', 1)[0]}")
    assert await swap.seen() == swap.before
    again = await swap.ask(swap.dearer)
    assert (await desk.of(again)).state == "requested"


async def test_the_last_piece_goes_to_one(swap: Swap, desk: Desk) -> None:
    """Two exchanges want it and are approved at once: the other one is declined, and says why."""
    runs = [await swap.ask(swap.dearer, unit=unit) for unit in (RING, SCARF)]
    await asyncio.gather(*(desk.decide(run) for run in runs))
    await desk.news()
    ended = sorted([(await swap.view(run)).problem_code for run in runs])
    assert ended in (["", "sold_out"], ["", "momentarily_held"])
    states = {(await desk.of(run)).state: (await desk.of(run)).decision for run in runs}
    assert states == {"approved": "", "declined": NOT_KEPT}
    assert (await swap.seen()).stock[swap.dearer] == (1, 1, 0)
    for run in runs:
        if (known := await desk.of(run)).state == "approved":
            await desk.orders.withdraw_return(return_id=known.id, account_id=swap.stage.mei)
    await desk.news()
    assert await swap.seen() == swap.before


async def test_one_unit_is_in_one_exchange(swap: Swap, desk: Desk) -> None:
    begun = await asyncio.gather(swap.ask(swap.dearer), swap.ask(swap.brooch), return_exceptions=True)
    await swap.idle()
    codes = [each.code for each in begun if isinstance(each, Refusal)]
    codes += [(await swap.view(run)).problem_code for run in begun if isinstance(run, str)]
    assert sorted(codes) == ["", "unit_returned"]
    found = await desk.orders.returns(order_id=swap.order_id)
    assert [each.state for each in found.items] == ["requested"]


async def test_what_makes_no_sense_is_refused(swap: Swap, desk: Desk) -> None:
    port, mei = swap.house.port(Port), swap.stage.mei
    (here,) = [each for each in await port.options(order_id=swap.order_id, account_id=mei, locale="en")
               if each.unit.variant_id == swap.ring]  # fmt: skip
    assert [(each.variant_id, each.label, each.available) for each in here.choices] == [
        (swap.size_54, "54", 1)
    ]
    whole: dict[str, Any] = {
        "account_id": mei, "order_id": swap.order_id, "unit": here.unit, "variant_id": swap.dearer,
        "reason": REASON, "locale": "en",
    }  # fmt: skip
    gone = await swap.stage.piece(units=0)
    for change, code in (
        ({"unit": replace(here.unit, serial="another")}, "unit_unknown"),
        ({"variant_id": "var_unknown"}, "wanted_unknown"),
        ({"variant_id": gone}, "sold_out"),
        ({"reason": " "}, "reason_missing"),
        ({"account_id": "acc_other"}, "order_unknown"),
    ):
        with pytest.raises(Refusal) as refused:
            await port.start(key=fresh_key(), **cast(Any, whole | change))
        assert refused.value.code == code
    key = fresh_key()
    first = await port.start(key=key, **cast(Any, whole))
    await swap.idle()
    assert (await port.start(key=key, **cast(Any, whole))).run == first.run
    with pytest.raises(Refusal) as reused:
        await port.start(key=key, **cast(Any, whole | {"variant_id": swap.brooch}))
    assert reused.value.code in ("key_reused", "unit_returned")
    with pytest.raises(Refusal) as over:
        await port.start(key=fresh_key(), **cast(Any, whole))
    assert over.value.code == "unit_returned"
    swap.stage.turn_clock(days=100)
    with pytest.raises(Refusal) as late:
        await port.start(key=fresh_key(), **cast(Any, whole | {"unit": (await swap.ring_units())[0]}))
    assert late.value.code == "return_window_over"


async def test_an_undo_that_keeps_failing_waits_for_people(swap: Swap, desk: Desk) -> None:
    run = await swap.ask(swap.dearer)
    swap.breaks.at("undo hold", 0, failing())
    await desk.decide(run)
    await desk.inspect(run, accepted=False)
    await swap.carry_through(run)
    assert (await swap.row(run)).state == "stuck"
    swap.breaks.heal()
    await swap.house.port(Port).resume(run=run)
    await swap.idle()
    assert ((await swap.view(run)).state, await swap.seen()) == ("refused", swap.before)
