"""Pieces are taken out of a paid order: priced anew, and the difference goes back to where each part came from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.sagas.cancel.contract import Port as CancelPort
from luxe.sagas.edit_order.contract import EditPreview, EditView, Port, WantedLine
from luxe.sagas.refund.contract import Port as RefundPort
from luxe.services.fulfilment.contract import PackedUnit
from luxe.services.fulfilment.contract import Port as FulfilmentPort
from luxe.services.orders.contract import OrderEdited, OrderRefunded, UnitRef
from luxe.services.orders.contract import Port as OrdersPort
from tests.sagas.cancel.stage import BOUGHT, OPERATOR, PAID, After, Afters, fresh_key
from tests.sagas.checkout.stage import EARNED, PAYABLE, POINTS
from tests.sagas.edit_order.conftest import (
    BACK,
    POINTS_BACK,
    POINTS_TAKEN,
    assert_books_agree,
    assert_edited_once,
    edit,
    edited,
    one_scarf_less,
    ring,
    scarf,
)


async def preview(after: After, *lines: tuple[str, int]) -> EditPreview:
    return await after.house.port(Port).preview(
        order_id=after.order_id,
        lines=[WantedLine(variant_id=variant, quantity=quantity) for variant, quantity in lines],
    )


async def code_of(call: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await call
    return refused.value.code


async def cancel(after: After) -> str:
    view = await after.house.port(CancelPort).start(
        key=fresh_key(), by=OPERATOR, order_id=after.order_id, reason="The piece is damaged"
    )
    return view.run


async def cancelled(after: After) -> None:
    await cancel(after)
    await after.idle(after.house.service("cancel").engine)


async def sell(after: After, wanted: Any) -> None:
    """Another order of Mei's, in place of the basket."""
    view = await after.stage.buy(wanted, key=fresh_key())
    assert view.state == "done", view
    after.order_id = view.order_id


async def test_what_was_shown_goes_back_and_the_rest_stays_bought(after: After) -> None:
    before = await after.seen()
    shown = await preview(after, (scarf(after), 1))
    assert [(each.kind, each.before.minor, each.after.minor) for each in shown.parts] == [
        ("piece", 1_000_000, 1_000_000),
        ("piece", 300_000, 150_000),
        ("points", -20_000, -17_692),
    ]
    assert (shown.refund.minor, shown.gift.minor) == (BACK, 0)
    assert (shown.points_back, shown.points_taken) == (POINTS_BACK, POINTS_TAKEN)
    assert (await after.seen(), await after.refunds()) == (before, [])
    run = (await edit(after, (scarf(after), 1), expected=shown.refund)).run
    await after.idle()
    await assert_edited_once(after, run)
    order = await after.order()
    (change,) = await after.house.port(OrdersPort).line_edits(order_id=order.id)
    assert [(each.title, each.before, each.after) for each in change.pieces] == [
        (order.draft.lines[1].title, 2, 1)
    ]
    assert [unit.variant_id for unit in change.units] == [scarf(after)]
    told = (await after.house.facts(OrderEdited))[-1]
    assert (told.order_id, told.edit_id, told.refunded.minor) == (order.id, change.id, BACK)
    said = (await after.house.facts(OrderRefunded))[-1]
    assert (said.kind, said.amount.minor, said.qualifying.minor) == ("edit", BACK, BACK)


async def test_the_invoice_says_what_was_bought_and_a_credit_note_the_difference(after: After) -> None:
    await after.begin()
    orders = after.house.port(OrdersPort)
    invoice, note = await orders.issue_bills(order_id=after.order_id)
    assert (invoice.content.total.minor, note.content.total.minor) == (1_300_000, BACK + 2_308)
    assert (note.content.cause, [(line.quantity, len(line.serials)) for line in note.content.lines]) == (
        "edit",
        [(1, 1)],
    )
    assert (await orders.print_bill(bill_id=note.id)).pdf.startswith(b"%PDF")


async def test_a_cancellation_after_it_gives_back_exactly_the_rest(after: After) -> None:
    await after.begin()
    await cancelled(after)
    whole = msgspec.structs.replace(
        after.cancelled(), charges=[[*BOUGHT, ("refund", BACK), ("refund", PAYABLE - BACK)]]
    )
    assert await after.seen() == whole
    await assert_books_agree(after)


async def test_a_refund_before_and_one_after_it_stay_within_what_was_paid(after: After) -> None:
    async def give(minor: int) -> None:
        await after.house.port(RefundPort).start(
            key=fresh_key(), by=OPERATOR, order_id=after.order_id, amount=Money(minor, "CNY"),
            kind="goodwill", reason="A dent",
        )  # fmt: skip
        await after.idle(after.house.service("refund").engine)

    await give(128_000)
    await after.begin()
    left = PAYABLE - BACK - 128_000
    assert await code_of(give(left + 1)) == "refund_too_much"
    await give(left)
    assert [(each.kind, each.amount.minor) for each in await after.refunds()] == [
        ("goodwill", 128_000),
        ("edit", BACK),
        ("goodwill", left),
    ]
    assert (await after.seen()).points == (POINTS, 0)
    await assert_books_agree(after)


async def test_what_went_back_already_is_not_given_twice(after: After) -> None:
    """All but 1,000 CNY has gone back: the ring cannot be taken out any more, as less was paid for the rest."""
    await after.house.port(RefundPort).start(
        key=fresh_key(), by=OPERATOR, order_id=after.order_id, amount=Money(PAYABLE - 100_000, "CNY"),
        kind="goodwill", reason="A dent",
    )  # fmt: skip
    await after.idle(after.house.service("refund").engine)
    before = await after.seen()
    assert await code_of(edit(after, (ring(after), 0))) == "edit_owes"
    assert await after.seen() == before


async def test_two_edits_at_once_have_one_effect(after: After) -> None:
    """The other finds money on its way, or the order like that already."""
    begun = await asyncio.gather(*(edit(after, (scarf(after), 1)) for _ in range(2)), return_exceptions=True)
    await after.idle()
    views = [each for each in begun if isinstance(each, EditView)]
    rows = [await after.row(each.run) for each in views]
    codes = [each.code for each in begun if isinstance(each, Refusal)]
    codes += [row.problem["code"] for row in rows if row.problem]
    assert len(codes) == 1
    assert codes[0] in ("refund_under_way", "nothing_to_change")
    await assert_edited_once(after, next(row.id for row in rows if row.state == "done"))


async def test_two_edits_at_once_leave_something(after: After) -> None:
    begun = await asyncio.gather(
        edit(after, (scarf(after), 0)), edit(after, (ring(after), 0)), return_exceptions=True
    )
    await after.idle()
    assert len(begun) == 2
    assert len((await after.order()).draft.lines) == 1
    assert [each.kind for each in await after.refunds()] == ["edit"]
    await assert_books_agree(after)


async def test_the_same_key_edits_once(after: After) -> None:
    key = fresh_key()
    first = await edit(after, (scarf(after), 1), key=key)
    await after.idle()
    assert (await edit(after, (scarf(after), 1), key=key)).run == first.run
    await assert_edited_once(after, first.run)
    assert await code_of(edit(after, (scarf(after), 0), key=key)) == "key_reused"


@pytest.mark.parametrize("first", ["edit", "cancel"])
async def test_an_edit_and_a_cancellation_at_once(afters: Afters, first: str) -> None:
    """Whatever comes first, what was paid goes back once."""
    after = await afters.open()
    acts = [one_scarf_less(after), cancel(after)]
    await asyncio.gather(*(acts if first == "edit" else reversed(acts)), return_exceptions=True)
    await after.idle(after.engine, after.house.service("cancel").engine)
    order, seen = await after.order(), await after.seen()
    if order.state == "cancelled":
        back = sum(minor for effect, minor in seen.charges[0] if effect == "refund")
        assert (back, seen.points) == (PAYABLE, (POINTS, 0))
        assert seen.stock == after.basket.before.stock
    else:
        assert (order.state, seen) == ("paid", edited(after))
    await assert_books_agree(after)


@pytest.mark.parametrize("first", ["edit", "ship"])
async def test_an_edit_and_a_shipment_at_once(afters: Afters, first: str) -> None:
    after = await afters.open()
    orders = after.house.port(OrdersPort)
    acts = [one_scarf_less(after), orders.ship(order_id=after.order_id)]
    await asyncio.gather(*(acts if first == "edit" else reversed(acts)), return_exceptions=True)
    await after.idle()
    order, seen = await after.order(), await after.seen()
    if await after.refunds():
        assert seen == msgspec.structs.replace(edited(after), orders=[order.state])
        assert order.state in ("paid", "shipped")
    else:
        assert (order.state, seen.points) == ("shipped", (EARNED, 0))
        assert [line.quantity for line in order.draft.lines] == [1, 2]
    await assert_books_agree(after)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([("ring", 0), ("scarf", 0)], "edit_empties_order"),
        ([("scarf", 2)], "nothing_to_change"),
        ([("scarf", 3)], "quantity_invalid"),
        ([("scarf", -1)], "quantity_invalid"),
        ([("other", 0)], "line_unknown"),
        ([], "lines_invalid"),
        ([("scarf", 1), ("scarf", 0)], "lines_invalid"),
    ],
)
async def test_what_makes_no_sense_is_refused(after: After, lines: list[tuple[str, int]], code: str) -> None:
    names = {"ring": ring(after), "scarf": scarf(after), "other": "var_other"}
    wanted = [(names[name], quantity) for name, quantity in lines]
    assert await code_of(edit(after, *wanted)) == code
    assert await code_of(preview(after, *wanted)) == code
    assert (await after.seen(), await after.refunds()) == (after.basket.bought, [])


async def test_who_may_and_what_was_promised(after: After) -> None:
    less, other = (scarf(after), 1), {"by": "acc_other", "account_id": "acc_other"}
    assert await code_of(edit(after, less, **other)) == "order_unknown"
    assert await code_of(edit(after, less, by=OPERATOR, account_id="")) == "reason_missing"
    row = await after.carry_through((await edit(after, less, expected=Money(BACK + 1, "CNY"))).run)
    assert (row.state, (row.problem or {})["code"]) == ("refused", "refund_changed")
    assert (await after.seen(), await after.refunds()) == (after.basket.bought, [])
    run = (await edit(after, less, by=OPERATOR, account_id="", reason="The scarf is torn")).run
    await after.idle()
    await assert_edited_once(after, run)
    assert {entry.actor for entry in (await after.order()).timeline[3:]} == {OPERATOR}


async def test_a_packed_piece_is_the_houses_to_take_out(after: After) -> None:
    """It asks for another unpacked one first; a parcel with a piece that is taken out does not go."""
    fulfilment, order = after.house.port(FulfilmentPort), await after.order()
    packed = order.draft.lines[1].serials[0]
    units = [PackedUnit(variant_id=scarf(after), serial=packed)]
    parcel = await fulfilment.ship(
        key=fresh_key(), order_id=order.id, units=units, method="collect", operator_id=OPERATOR
    )
    assert await code_of(one_scarf_less(after)) == "line_packed"
    by_house = {"by": OPERATOR, "account_id": "", "reason": "The scarf is torn"}
    await edit(after, (scarf(after), 1), **by_house)
    await after.idle()
    await after.house.settle()
    assert (await after.order()).draft.lines[1].serials == [packed]
    assert (await fulfilment.shipment(shipment_id=parcel.id)).state == "packed"
    await edit(after, (scarf(after), 0), **by_house)
    await after.idle()
    assert await code_of(fulfilment.hand_over(shipment_id=parcel.id)) == "unit_unknown"
    await after.house.settle()
    assert (await fulfilment.shipment(shipment_id=parcel.id)).state == "called_off"
    await assert_books_agree(after)


async def test_what_is_still_to_go_is_taken_out_and_the_order_has_left(after: After) -> None:
    order, orders = await after.order(), after.house.port(OrdersPort)
    gone = UnitRef(variant_id=ring(after), serial=order.draft.lines[0].serials[0])
    await orders.ship(order_id=order.id, key="SH-1", units=[gone])
    assert await code_of(edit(after, (ring(after), 0))) == "pieces_left"
    await edit(after, (scarf(after), 0))
    await after.idle()
    order = await after.order()
    assert (order.state, [line.variant_id for line in order.draft.lines]) == ("shipped", [ring(after)])
    assert [entry.what for entry in order.timeline] == [
        *PAID, "partly_shipped", "edited", "refunded", "shipped",
    ]  # fmt: skip
    assert await code_of(edit(after, (ring(after), 0))) == "order_state"
    await assert_books_agree(after)


async def test_vouchers_are_reckoned_anew_and_gift_cards_get_their_own(after: After) -> None:
    """Of 13,000 CNY ten per cent and 200 CNY are taken off; without the scarves 1,200 CNY. Cards had paid 1,500."""
    stage = after.stage
    dressed = await stage.dressed_basket()
    given = dressed.wanted
    wanted = msgspec.structs.replace(given, points=0, expected=Money(1_000_000, "CNY"))
    await sell(after, wanted)
    shown = await preview(after, (given.lines[1].variant_id, 0))
    assert [(each.kind, each.before.minor, each.after.minor) for each in shown.parts] == [
        ("piece", 1_000_000, 1_000_000),
        ("piece", 300_000, 0),
        ("discount", -130_000, -100_000),
        ("discount", -20_000, -20_000),
    ]
    await edit(after, (given.lines[1].variant_id, 0), expected=Money(270_000, "CNY"))
    await after.idle()
    seen = await stage.seen()
    assert (seen.charges[-1][-1], seen.cards, seen.uses) == (
        ("refund", 270_000),
        [(0, 0), (30_000, 0)],
        [1, 1],
    )
    await cancelled(after)
    seen = await stage.seen()
    assert seen.charges[-1][-1] == ("refund", 730_000)
    assert seen.cards == [(100_000, 0), (80_000, 0)]
    await assert_books_agree(after)


async def test_a_lost_discount_that_is_worth_more_than_the_piece_keeps_it_in(after: After) -> None:
    """2,000 CNY are taken off from 12,500 CNY on: without one scarf of 1,500 CNY the rest would cost 500 CNY more."""
    stage, ring_ = after.stage, await after.stage.piece(price=1_000_000)
    scarves = await stage.piece(units=3, price=150_000)
    code = await stage.voucher(amounts=[Money(200_000, "CNY")], minimums=[Money(1_250_000, "CNY")])
    await sell(after, stage.wanting((ring_, 1), (scarves, 2), expected=1_100_000, codes=[code]))
    before = await stage.seen()
    with pytest.raises(Refusal) as refused:
        await edit(after, (scarves, 1))
    assert (refused.value.code, refused.value.extra["short"]) == (
        "edit_owes",
        {"minor": 50_000, "currency": "CNY"},
    )
    assert (await stage.seen(), await after.refunds()) == (before, [])
    await edit(after, (scarves, 0), expected=Money(100_000, "CNY"))
    await after.idle()
    assert (await stage.seen()).charges[-1][-1] == ("refund", 100_000)
    assert (await after.order()).draft.discounts == []
    await assert_books_agree(after)


async def test_what_a_gift_card_paid_for_whole_goes_back_to_it(after: After) -> None:
    free = await after.stage.free_basket()
    wanted = msgspec.structs.replace(free.wanted, points=0, gifts=[
        msgspec.structs.replace(free.wanted.gifts[0], amount=Money(1_300_000, "CNY"))
    ])  # fmt: skip
    view = await after.stage.start(wanted, fresh_key())
    after.order_id = view.order_id
    await edit(after, (wanted.lines[1].variant_id, 1))
    await after.idle()
    seen = await after.stage.seen()
    assert (seen.cards, seen.charges) == ([(850_000, 0)], [BOUGHT])
    (gift,) = (await after.order()).draft.gifts
    assert gift.amount.minor == 1_150_000
    await assert_books_agree(after)


@pytest.fixture
async def dear_delivery(after: After) -> AsyncIterator[After]:
    """Delivery costs 50 CNY below 12,000 CNY, with ten per cent of tax in every price."""
    port = after.house.port(FulfilmentPort)
    head = "Method,Country,Currency,Price,From value,Appointment"
    taxes = "Country,Kind,Name,Rate,Included,On delivery"
    sheets = {
        "delivery": f"{head}\nstandard,CN,CNY,50.00,0,no\nstandard,CN,CNY,0,12000.00,no\n",
        "taxes": f"{taxes}\nCN,vat,VAT,10,yes,yes\n",
    }
    for table, sheet in sheets.items():
        await port.replace_sheet(table=table, sheet=sheet, operator_id="acc_li")
    yield after
    for table, first in (("delivery", head), ("taxes", taxes)):
        await port.replace_sheet(table=table, sheet=f"{first}\n", operator_id="acc_li")


async def test_delivery_that_was_free_for_its_value_is_kept_back(dear_delivery: After) -> None:
    """By the table of the day of purchase: a new one changes nothing."""
    after, stage = dear_delivery, dear_delivery.stage
    ring_, scarves = await stage.piece(price=1_000_000), await stage.piece(units=2, price=150_000)
    await sell(after, stage.wanting((ring_, 1), (scarves, 2), expected=1_300_000))
    head = "Method,Country,Currency,Price,From value,Appointment"
    await stage.house.port(FulfilmentPort).replace_sheet(
        table="delivery", sheet=f"{head}\nstandard,CN,CNY,70.00,0,no\n", operator_id="acc_li"
    )
    shown = await preview(after, (scarves, 1))
    assert [(each.kind, each.before.minor, each.after.minor) for each in shown.parts][-1] == (
        ("delivery", 0, 5_000)
    )
    await edit(after, (scarves, 1), expected=Money(145_000, "CNY"))
    await after.idle()
    draft = (await after.order()).draft
    assert (draft.delivery.minor, draft.payable.minor) == (5_000, 1_155_000)
    assert [(tax.variant_id, tax.amount.minor) for tax in draft.taxes] == [
        (ring_, 90_909), (scarves, 13_636), ("", 455),
    ]  # fmt: skip
    (refund,) = await after.refunds()
    assert (refund.amount.minor, refund.goods.minor) == (145_000, 150_000)
    await cancelled(after)
    assert sum(each.amount.minor for each in await after.refunds()) == 1_300_000
    assert (await stage.seen()).points == (EARNED, 0)
    await assert_books_agree(after)
