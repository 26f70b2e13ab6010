"""Mei has bought a basket, and an operator gives a part of what she paid back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from luxe.kernel.money import Money
from luxe.sagas.refund.contract import Port
from luxe.sagas.refund.flow import flow
from tests.sagas.cancel.parts import open_house, open_stage, own_clock, psp, psp_client, psp_process
from tests.sagas.cancel.stage import OPERATOR, After, Afters, fresh_key
from tests.sagas.checkout.stage import OpenStage

__all__ = ["open_house", "open_stage", "own_clock", "psp", "psp_client", "psp_process"]

PART = 128_000
"""A tenth of what was paid."""


async def give(after: After, minor: int = PART, key: str = "") -> str:
    view = await after.house.port(Port).start(
        key=key or fresh_key(),
        by=OPERATOR,
        order_id=after.order_id,
        amount=Money(minor, "CNY"),
        kind="goodwill",
        reason="The box came with a dent",
    )
    return view.run


@pytest.fixture
async def afters(open_stage: OpenStage) -> AsyncIterator[Afters]:
    opened = Afters(flow, give, open_stage)
    yield opened
    await opened.close()


@pytest.fixture
async def after(afters: Afters) -> After:
    return await afters.open()
