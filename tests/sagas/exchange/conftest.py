"""Mei's basket was delivered, and she wants another piece instead of one of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from luxe.sagas.exchange.flow import flow
from tests.sagas.cancel.parts import open_house, open_stage, own_clock, psp, psp_client, psp_process
from tests.sagas.cancel.stage import After
from tests.sagas.checkout.stage import OpenStage
from tests.sagas.exchange.stage import Swap, Swaps
from tests.sagas.return_item.conftest import Desk

__all__ = ["open_house", "open_stage", "own_clock", "psp", "psp_client", "psp_process"]


async def _ask_for_dearer(after: After) -> str:
    assert isinstance(after, Swap)
    return await after.ask(after.dearer)


@pytest.fixture
async def afters(open_stage: OpenStage) -> AsyncIterator[Swaps]:
    opened = Swaps(flow, _ask_for_dearer, open_stage)
    yield opened
    await opened.close()


@pytest.fixture
async def swap(afters: Swaps) -> Swap:
    opened = await afters.open()
    assert isinstance(opened, Swap)
    return opened


@pytest.fixture
def desk(swap: Swap) -> Desk:
    return Desk(swap)
