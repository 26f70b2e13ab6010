"""What the door of orders promises of edits, through both bindings: while one is under way nothing else happens to the order."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.orders.contract import KeptLine, Order, OrderEdited, Port, UnitRef
from tests.harness import Running, running
from tests.services.orders.drafts import draft, line
from tests.services.orders.test_bills import Shelves

PRICE = 1_280_000
SERIALS = {"var_clutch": ["CL-1", "CL-2", "CL-3"]}


def opened(binding: str) -> Any:
    return running("orders", binding=binding, stubs={InventoryPort: Shelves()})


async def paid(house: Running) -> Order:
    orders = house.port(Port)
    await orders.place(run="run_1", draft=draft(line(quantity=3), points=300, points_worth=30_000))
    return await orders.mark_paid(run="run_1", intent_id="pay", points_earned=0, serials=SERIALS)


def wish(order: Order, quantity: int = 2) -> dict[str, Any]:
    lines = [KeptLine(variant_id="var_clutch", quantity=quantity)]
    return {"order_id": order.id, "lines": lines, "discounts": []}


async def refused(call: Any) -> str:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value.code


async def test_an_edit_is_begun_once_and_dropped_without_a_trace(binding: str) -> None:
    async with opened(binding) as house:
        orders = house.port(Port)
        order = await paid(house)
        plan = await orders.plan_edit(**wish(order))
        assert (plan.amount.minor, plan.gift.minor) == (PRICE - 10_000, 0)
        first, again = [
            await orders.begin_edit(
                run="run_2",
                reason="Too many",
                spare=[UnitRef(variant_id="var_clutch", serial="CL-1")],
                **wish(order),
            )
            for _ in range(2)
        ]
        assert first == again == await orders.begun_edit(run="run_2")
        assert [unit.serial for unit in first.units] == ["CL-2"]
        now = await orders.order(order_id=order.id)
        assert (now.draft.lines[0].serials, now.draft.points_worth.minor) == (["CL-1", "CL-3"], 20_000)
        await orders.drop_edit(run="run_2")
        await orders.drop_edit(run="run_2")
        back = await orders.order(order_id=order.id)
        assert [sorted(each.serials) for each in back.draft.lines] == [SERIALS["var_clutch"]]
        assert msgspec.structs.replace(back.draft, lines=[]) == msgspec.structs.replace(order.draft, lines=[])
        assert (await orders.line_edits(order_id=order.id), await orders.refunds(order_id=order.id)) == (
            [],
            [],
        )
        late = orders.begin_edit(run="run_2", reason="", **wish(order))
        assert (await refused(late), await orders.begun_edit(run="run_2")) == ("run_over", None)
        await orders.drop_edit(run="run_3")
        assert await refused(orders.begin_edit(run="run_3", reason="", **wish(order))) == "run_over"
        sold = await house.rows("orders", "SELECT serial FROM orders.sold_units ORDER BY serial")
        assert [row.serial for row in sold] == SERIALS["var_clutch"]


async def test_while_it_is_under_way_nothing_else_happens_to_the_order(binding: str) -> None:
    async with opened(binding) as house:
        orders = house.port(Port)
        order = await paid(house)
        await orders.begin_edit(run="run_2", reason="Too many", **wish(order))
        give = orders.set_aside(
            run="run_4", order_id=order.id, amount=Money(1, "CNY"), kind="goodwill", reason="A dent"
        )
        assert await refused(give) == "edit_under_way"
        assert await refused(orders.ship(order_id=order.id)) == "edit_under_way"
        close = orders.begin_cancelling(run="run_5", order_id=order.id, reason="no more")
        assert await refused(close) == "refund_under_way"
        assert await refused(orders.plan_edit(**wish(order, 1))) == "refund_under_way"
        await orders.finish_edit(run="run_2", points_back=100, points_taken=0)
        await orders.finish_edit(run="run_2", points_back=100, points_taken=0)
        (edit,) = await orders.line_edits(order_id=order.id)
        assert (edit.state, edit.reason) == ("done", "Too many")
        told = await house.facts(OrderEdited)
        assert [(each.order_id, each.edit_id, each.refunded) for each in told] == [
            (order.id, edit.id, Money(PRICE - 10_000, "CNY"))
        ]
        now = await orders.order(order_id=order.id)
        assert (now.draft.points, [entry.what for entry in now.timeline]) == (
            200,
            ["placed", "paid", "edited", "refunded"],
        )
        assert (await orders.ship(order_id=order.id)).state == "shipped"
        assert await refused(orders.plan_edit(**wish(order, 1))) == "order_state"


async def test_of_two_runs_one_begins(binding: str) -> None:
    async with opened(binding) as house:
        orders = house.port(Port)
        order = await paid(house)
        begun = await asyncio.gather(
            *(orders.begin_edit(run=f"run_{at}", reason="", **wish(order)) for at in range(2, 6)),
            return_exceptions=True,
        )
        codes = [each.code for each in begun if isinstance(each, Refusal)]
        assert codes == ["refund_under_way"] * 3
        assert [line.quantity for line in (await orders.order(order_id=order.id)).draft.lines] == [2]
