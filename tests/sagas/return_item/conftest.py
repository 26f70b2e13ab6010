"""Mei's basket was delivered, and she wants some of it to go back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from luxe.sagas.return_item.contract import Port
from luxe.sagas.return_item.flow import flow
from luxe.services.orders.contract import Condition, Finding, Return, UnitRef
from luxe.services.orders.contract import Port as OrdersPort
from tests.sagas.cancel.parts import open_house, open_stage, own_clock, psp, psp_client, psp_process
from tests.sagas.cancel.stage import After, Afters, fresh_key
from tests.sagas.checkout.stage import OpenStage

__all__ = ["open_house", "open_stage", "own_clock", "psp", "psp_client", "psp_process"]

REASON = "Not to my liking"
RING, SCARF = 0, 1
"""Lines of the basket: one ring, two scarves."""


async def units_of(after: After, line: int) -> list[UnitRef]:
    bought = (await after.order()).draft.lines[line]
    return [UnitRef(variant_id=bought.variant_id, serial=serial) for serial in bought.serials]


async def ask(after: After, units: list[UnitRef], key: str = "") -> str:
    view = await after.house.port(Port).start(
        key=key or fresh_key(),
        account_id=after.stage.mei,
        order_id=after.order_id,
        units=units,
        reason=REASON,
    )
    return view.run


async def ask_for_the_ring(after: After) -> str:
    return await ask(after, await units_of(after, RING))


class Desk:
    """What operators do with a return, and the news of it."""

    def __init__(self, after: After) -> None:
        self.after = after
        self.orders = after.house.port(OrdersPort)

    async def of(self, run: str) -> Return:
        return await self.orders.return_of(run=run)

    async def decide(self, run: str, approve: bool = True, reason: str = "", **or_until: Any) -> None:
        known = await self.of(run)
        await self.orders.decide_return(return_id=known.id, approve=approve, reason=reason)
        await self.news(**or_until)

    async def inspect(
        self, run: str, accepted: bool = True, condition: Condition = "saleable", **or_until: Any
    ) -> None:
        known = await self.of(run)
        findings = [
            Finding(variant_id=each.variant_id, serial=each.serial, accepted=accepted, condition=condition)
            for each in known.units
        ]
        await self.orders.inspect_return(return_id=known.id, findings=findings)
        await self.news(**or_until)

    async def news(self, **or_until: Any) -> None:
        await self.after.house.settle()
        await self.after.idle(**or_until)


class Delivered(Afters):
    async def open(self) -> After:
        after = await super().open()
        orders = after.house.port(OrdersPort)
        await orders.ship(order_id=after.order_id)
        await orders.deliver(order_id=after.order_id)
        await after.house.settle()
        return after


@pytest.fixture
async def afters(open_stage: OpenStage) -> AsyncIterator[Afters]:
    opened = Delivered(flow, ask_for_the_ring, open_stage)
    yield opened
    await opened.close()


@pytest.fixture
async def after(afters: Afters) -> After:
    return await afters.open()


@pytest.fixture
def desk(after: After) -> Desk:
    return Desk(after)
