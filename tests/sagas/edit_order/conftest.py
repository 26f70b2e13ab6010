"""Mei has bought a basket and wants one of the two scarves no more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from luxe.app.invariants import orders, promotions
from luxe.kernel.money import Money
from luxe.sagas.edit_order.contract import EditView, Port, WantedLine
from luxe.sagas.edit_order.flow import flow
from tests.sagas.cancel.parts import open_house, open_stage, own_clock, psp, psp_client, psp_process
from tests.sagas.cancel.stage import BOUGHT, PAID, After, Afters, fresh_key
from tests.sagas.checkout.stage import EARNED, OpenStage, Seen

__all__ = ["open_house", "open_stage", "own_clock", "psp", "psp_client", "psp_process"]

BACK = 147_692
"""A scarf cost 1,500 CNY, of which points had paid 150,000 × 20,000 / 1,300,000 minor units."""
POINTS_BACK, POINTS_TAKEN = 2_308, 1_477


def scarf(after: After) -> str:
    return after.basket.wanted.lines[1].variant_id


def ring(after: After) -> str:
    return after.basket.wanted.lines[0].variant_id


async def edit(after: After, *lines: tuple[str, int], key: str = "", **more: Any) -> EditView:
    mei = after.stage.mei
    asked: dict[str, Any] = {"by": mei, "account_id": mei, "reason": ""} | more
    return await after.house.port(Port).start(
        key=key or fresh_key(),
        order_id=after.order_id,
        lines=[WantedLine(variant_id=variant, quantity=quantity) for variant, quantity in lines],
        **asked,
    )


async def one_scarf_less(after: After) -> str:
    return (await edit(after, (scarf(after), 1))).run


def edited(after: After) -> Seen:
    bought = after.basket.bought
    return msgspec.structs.replace(
        bought,
        stock=bought.stock | {scarf(after): (2, 0, 2)},
        points=(EARNED - POINTS_TAKEN + POINTS_BACK, 0),
        charges=[[*BOUGHT, ("refund", BACK)]],
    )


async def assert_edited_once(after: After, run: str) -> None:
    assert (await after.row(run)).state == "done"
    assert await after.seen() == edited(after)
    order = await after.order()
    assert [entry.what for entry in order.timeline] == [*PAID, "edited", "refunded"]
    assert [(line.quantity, len(line.serials)) for line in order.draft.lines] == [(1, 1), (1, 1)]
    draft = order.draft
    assert (draft.goods.minor, draft.payable.minor) == (1_150_000, 1_280_000 - BACK)
    assert (draft.points, draft.points_worth) == (20_000 - POINTS_BACK, Money(17_692, "CNY"))
    (refund,) = await after.refunds()
    assert (refund.kind, refund.state, refund.amount.minor, refund.goods.minor) == (
        "edit",
        "done",
        BACK,
        BACK,
    )
    assert (refund.points_back, refund.points_taken) == (POINTS_BACK, POINTS_TAKEN)
    await assert_books_agree(after)


async def assert_books_agree(after: After) -> None:
    found = {
        each.name: await after.house.rows(each.schemas[0], each.broken)
        for each in (*orders.INVARIANTS, *promotions.INVARIANTS)
        if not each.at_rest
    }
    assert {name: rows for name, rows in found.items() if rows} == {}


@pytest.fixture
async def afters(open_stage: OpenStage) -> AsyncIterator[Afters]:
    opened = Afters(flow, one_scarf_less, open_stage)
    yield opened
    await opened.close()


@pytest.fixture
async def after(afters: Afters) -> After:
    return await afters.open()
