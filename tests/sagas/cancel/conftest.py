"""Mei has bought a basket and thinks better of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from luxe.sagas.cancel.contract import Port
from luxe.sagas.cancel.flow import flow
from tests.sagas.cancel.parts import open_house, open_stage, own_clock, psp, psp_client, psp_process
from tests.sagas.cancel.stage import After, Afters, fresh_key
from tests.sagas.checkout.stage import OpenStage

__all__ = ["open_house", "open_stage", "own_clock", "psp", "psp_client", "psp_process"]

REASON = "I found another one"


async def _start(after: After) -> str:
    mei = after.stage.mei
    view = await after.house.port(Port).start(
        key=fresh_key(), by=mei, order_id=after.order_id, reason=REASON, account_id=mei
    )
    return view.run


@pytest.fixture
async def afters(open_stage: OpenStage) -> AsyncIterator[Afters]:
    opened = Afters(flow, _start, open_stage)
    yield opened
    await opened.close()


@pytest.fixture
async def after(afters: Afters) -> After:
    return await afters.open()
