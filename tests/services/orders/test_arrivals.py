"""A piece that was sold before it had arrived is shipped by its maker's number."""

from __future__ import annotations

from datetime import date

from luxe.services.inventory.contract import HoldLine
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.orders.contract import KeptLine, Order, Port, UnitRef
from tests.harness import Running, running
from tests.services.orders.drafts import draft, line

VARIANT = "var_clutch"


async def sold(house: Running) -> Order:
    """Two that are still to come."""
    inventory, orders = house.port(InventoryPort), house.port(Port)
    await inventory.expect(variant_id=VARIANT, quantity=2, reason="ordered", key="x", on=date(2099, 1, 1))
    await inventory.hold(run="run_1", lines=[HoldLine(variant_id=VARIANT, quantity=2)], seconds=600)
    order = await orders.place(run="run_1", draft=draft(line(quantity=2)))
    units = await inventory.commit(run="run_1", order_id=order.id)
    serials = {VARIANT: [unit.serial for unit in units]}
    return await orders.mark_paid(run="run_1", intent_id="pay", points_earned=0, serials=serials)


async def arrive(house: Running, *serials: str) -> None:
    await house.port(InventoryPort).arrive(
        variant_id=VARIANT, quantity=len(serials), reason="delivery", key=serials[0], serials=list(serials)
    )
    await house.settle()


async def listed(house: Running, order: Order) -> list[str]:
    """As the order says, which sold_units say too."""
    (line_,) = (await house.port(Port).order(order_id=order.id)).draft.lines
    rows = await house.rows("orders", "SELECT serial FROM orders.sold_units ORDER BY serial")
    assert sorted(line_.serials) == [row.serial for row in rows]
    return sorted(line_.serials)


async def test_an_order_lists_the_numbers_that_its_units_have_by_now(binding: str) -> None:
    async with running("orders", "inventory", binding=binding) as house:
        order, orders = await sold(house), house.port(Port)
        before = await listed(house, order)
        await arrive(house, "M-1")
        one = await listed(house, order)
        assert one == sorted([one[0], "M-1"])
        assert one[0] in before
        await orders.ship(order_id=order.id, key="SH-1", units=[UnitRef(variant_id=VARIANT, serial="M-1")])
        await arrive(house, "M-2")
        assert await listed(house, order) == ["M-1", "M-2"]
        left = await orders.ship(
            order_id=order.id, key="SH-2", units=[UnitRef(variant_id=VARIANT, serial="M-2")]
        )
        assert left.state == "shipped"


async def test_an_edit_that_is_undone_after_an_arrival_knows_the_new_numbers(binding: str) -> None:
    async with running("orders", "inventory", binding=binding) as house:
        order, orders = await sold(house), house.port(Port)
        lines = [KeptLine(variant_id=VARIANT, quantity=1)]
        await orders.begin_edit(run="run_2", order_id=order.id, lines=lines, discounts=[], reason="")
        await arrive(house, "M-1", "M-2")
        await orders.drop_edit(run="run_2")
        assert await listed(house, order) == ["M-1", "M-2"]
