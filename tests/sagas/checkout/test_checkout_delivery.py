"""Delivery that costs something, taxes that are added, appointments, ways to pay, and pieces that are still to come."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from datetime import date

import pytest
from msgspec.structs import replace

from luxe.kernel.money import Money
from luxe.sagas.checkout.contract import CheckoutInput, QuoteInput
from luxe.services.fulfilment.contract import Port as FulfilmentPort
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.orders.contract import OrderPaid
from luxe.services.promotions.contract import Gift
from tests.sagas.checkout.breaks import Moment, refusing
from tests.sagas.checkout.stage import ADDRESS, LEASE_OVER, POINTS, OpenStage, Stage

DELIVERY = """Method,Country,Currency,Price,Appointment
standard,*,*,0,no
express,CN,CNY,80.00,no
white_glove,CN,CNY,300.00,yes
"""
TAXES = """Country,Kind,Name,Rate,Included,On delivery
CN,vat,VAT,10,no,yes
"""
SOON = date(2099, 1, 1)


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


async def tables(stage: Stage, delivery: str, taxes: str) -> None:
    port = stage.house.port(FulfilmentPort)
    await port.replace_sheet(table="delivery", sheet=delivery, operator_id="acc_li")
    await port.replace_sheet(table="taxes", sheet=taxes, operator_id="acc_li")


@pytest.fixture
async def taxed(stage: Stage) -> AsyncIterator[Stage]:
    """A house with tables; the suite's others have none."""
    await tables(stage, DELIVERY, TAXES)
    yield stage
    await tables(stage, DELIVERY.splitlines()[0] + "\n", TAXES.splitlines()[0] + "\n")


async def slot(stage: Stage) -> str:
    """An appointment for one."""
    made = await stage.house.port(FulfilmentPort).put_capacity(
        method="white_glove", place="CN-Shanghai", day=SOON, starts="10:00", ends="12:00", capacity=1
    )
    return made.id


async def taken(stage: Stage) -> list[tuple[str, str]]:
    found = await stage.house.port(FulfilmentPort).appointments(first=SOON, last=SOON)
    return [(each.state, each.order_id) for each in found]


async def test_delivery_and_taxes_are_quoted_held_and_told(taxed: Stage) -> None:
    """10 % on 900,000 after a voucher and on 8,000 for express, in the order's own rounding."""
    ring, code, card = await taxed.piece(), await taxed.voucher(percent=10), await taxed.gift_card(100_000)
    asked = QuoteInput(
        account_id=taxed.mei, lines=taxed.wanting((ring, 1), expected=0).lines, currency="CNY", country="CN",
        region="Shanghai", codes=[code, card], delivery="express",
    )  # fmt: skip
    told = await taxed.port.quote(input=asked)
    assert [(each.id, each.price.minor) for each in told.delivery_methods] == [
        ("standard", 0), ("express", 8_000), ("white_glove", 30_000),
    ]  # fmt: skip
    assert (told.delivery, told.tax_added, told.total) == (cny(8_000), cny(90_800), cny(998_800))
    assert (told.gift_worth, told.payable) == (cny(100_000), cny(898_800))
    wanted = taxed.wanting(
        (ring, 1),
        expected=898_800,
        codes=[code],
        gifts=[Gift(code=card, amount=cny(100_000))],
        delivery="express",
    )
    wrong = await taxed.start(replace(wanted, expected=cny(808_000)), key="wrong")
    assert wrong.problem_code == "price_changed"
    view = await taxed.buy(wanted)
    order = await taxed.order(view.run)
    assert order is not None
    draft = order.draft
    assert (draft.delivery_method, draft.delivery, draft.tax_added) == ("express", cny(8_000), cny(90_800))
    assert [(tax.variant_id, tax.base.minor, tax.amount.minor, tax.included) for tax in draft.taxes] == [
        (ring, 900_000, 90_000, False), ("", 8_000, 800, False),
    ]  # fmt: skip
    assert (draft.payable, draft.paid, draft.goods_paid) == (cny(898_800), cny(998_800), cny(900_000))
    paid = next(each for each in await taxed.house.facts(OrderPaid) if each.order_id == order.id)
    assert (paid.qualifying, order.points_earned) == (cny(900_000), 9_000)
    assert await taxed.seen() == replace(
        await taxed.seen(), points=(POINTS + 9_000, 0), orders=["paid"], cards=[(0, 0)], uses=[1]
    )


@pytest.mark.parametrize(
    ("delivery", "has_slot", "code"),
    [
        ("white_glove", False, "slot_missing"),
        ("express", True, "slot_missing"),
        ("collect", False, "method_unavailable"),
    ],
)
async def test_a_way_of_delivery_that_does_not_fit_is_refused(
    taxed: Stage, delivery: str, has_slot: bool, code: str
) -> None:
    ring = await taxed.piece()
    price = {"white_glove": 30_000, "express": 8_000, "collect": 0}[delivery]
    wanted = taxed.wanting(
        (ring, 1), expected=(1_000_000 + price) * 11 // 10, delivery=delivery,
        slot=await slot(taxed) if has_slot else "",
    )  # fmt: skip
    before = await taxed.seen()
    view = await taxed.start(wanted)
    assert (view.state, view.problem_code) == ("refused", code)
    assert (await taxed.seen(), await taken(taxed)) == (before, [])


async def by_appointment(stage: Stage, ring: str) -> CheckoutInput:
    return stage.wanting(
        (ring, 1), expected=1_133_000, delivery="white_glove", slot=await slot(stage), address=ADDRESS
    )


async def test_an_appointment_is_kept_confirmed_and_free_again(taxed: Stage) -> None:
    scarf = await taxed.piece(units=3)
    wanted = await by_appointment(taxed, scarf)
    first = await taxed.start(wanted, key="first")
    assert await taken(taxed) == [("reserved", "")]
    second = await taxed.start(replace(wanted, account_id=taxed.yan), key="second")
    assert second.problem_code == "slot_full"
    await taxed.give_up(first.run)
    assert await taken(taxed) == []
    third = await taxed.buy(wanted, key="third")
    order = await taxed.order(third.run)
    assert order is not None
    assert (order.draft.slot, order.draft.deliver_on) == ("2099-01-01T10:00/12:00", SOON)
    assert await taken(taxed) == [("confirmed", order.id)]


@pytest.mark.parametrize("step", ["hold", "commit", "undo hold"])
async def test_a_peer_finishes_with_the_appointment(open_stage: OpenStage, step: str) -> None:
    """Whenever the process is lost, the order has its appointment, or nobody has."""
    for moment in itertools.count():
        stage = await open_stage()
        await tables(stage, DELIVERY, TAXES)
        try:
            reached = await _lost_at(stage, step, moment)
        finally:
            await tables(stage, DELIVERY.splitlines()[0] + "\n", TAXES.splitlines()[0] + "\n")
        if not reached:
            assert moment > 0
            return


async def _lost_at(stage: Stage, step: str, moment: Moment) -> bool:
    standing = len(await taken(stage))
    port = stage.house.port(FulfilmentPort)
    made = await port.put_capacity(
        method="white_glove",
        place="CN-Shanghai",
        day=SOON,
        starts="10:00",
        ends="12:00",
        capacity=standing + 1,
    )
    wanted = stage.wanting((await stage.piece(), 1), expected=1_133_000, delivery="white_glove", slot=made.id)
    undone = step.startswith("undo")
    if undone:
        stage.breaks.at("place", "end", refusing())
    reached = stage.breaks.lose(step, moment)
    run = await stage.begin(wanted, reached)
    await stage.kill()
    await stage.later(seconds=LEASE_OVER)
    view = await stage.carry_through(run)
    assert view.state == ("refused" if undone else "done")
    now = await taken(stage)
    assert len(now) == standing + (not undone)
    assert all(state == "confirmed" for state, _ in now)
    return reached.is_set()


async def test_a_way_to_pay_goes_to_the_provider_with_the_country(stage: Stage) -> None:
    view = await stage.start(stage.wanting((await stage.piece(), 1), expected=1_000_000, method="alipay"))
    assert (await stage.intent(view.run)).wanted == "alipay"
    unknown = await stage.start(
        stage.wanting((await stage.piece(), 1), expected=1_000_000, method="mada"), key="other"
    )
    assert (unknown.state, unknown.problem_code) == ("refused", "method_unavailable")


async def test_the_order_says_until_when_a_piece_was_promised(stage: Stage) -> None:
    """Two of three are still to come: the line has the day of the last of them."""
    scarf, ring = await stage.piece(units=1, price=100_000), await stage.piece()
    inventory = stage.house.port(InventoryPort)
    for number, day in enumerate((date(2099, 3, 1), date(2099, 2, 1))):
        await inventory.expect(
            variant_id=scarf, quantity=1, reason="preorder", key=f"{scarf} {number}", on=day
        )
    view = await stage.buy(stage.wanting((scarf, 3), (ring, 1), expected=1_300_000))
    order = await stage.order(view.run)
    assert order is not None
    assert [line.available_on for line in order.draft.lines] == [date(2099, 3, 1), None]
