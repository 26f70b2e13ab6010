"""Which of several units a buyer gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxe.kernel.settings import SettingsError
from luxe.services.inventory.contract import Port
from luxe.services.inventory.domain.allocation import POLICIES, nearness
from tests.harness import Running, running
from tests.services.inventory.shelves import line, open_boutique, stocked


async def _spread(house: Running) -> Port:
    """A unit in each of four places, in this order of age."""
    await open_boutique(house, "tokyo", "JP", "warehouse")
    await open_boutique(house, "maison", "CN", "brand")
    await open_boutique(house, "bund", "CN", "boutique")
    await open_boutique(house, "vendome", "FR", "boutique")
    for place in ("tokyo", "maison", "bund", "vendome"):
        await stocked(house, 1, location=place)
    return house.port(Port)


async def _taken(inventory: Port, country: str, times: int) -> list[str]:
    order = []
    for number in range(times):
        hold = await inventory.hold(
            run=f"run_{country}_{number}", lines=[line()], seconds=60, country=country
        )
        order.append(hold.units[0].location)
    return order


@pytest.mark.parametrize(
    ("policy", "country", "order"),
    [
        ("oldest_first", "FR", ["tokyo", "maison", "bund", "vendome"]),
        ("nearest", "FR", ["vendome", "tokyo", "maison", "bund"]),
        ("nearest", "CN", ["maison", "bund", "tokyo", "vendome"]),
        ("nearest", "HK", ["maison", "bund", "tokyo", "vendome"]),
        ("nearest", "", ["tokyo", "maison", "bund", "vendome"]),
        ("boutique_first", "CN", ["bund", "vendome", "tokyo", "maison"]),
        ("boutique_first", "IT", ["vendome", "bund", "tokyo", "maison"]),
    ],
)
async def test_the_policy_decides(policy: str, country: str, order: list[str]) -> None:
    async with running("inventory", stock_allocation=policy) as house:
        assert await _taken(await _spread(house), country, 4) == order


async def test_a_policy_nobody_knows_does_not_open() -> None:
    with pytest.raises(SettingsError, match="LUXE_STOCK_ALLOCATION"):
        async with running("inventory", stock_allocation="whim"):
            pass


@given(st.text(max_size=3))
def test_the_country_itself_is_nearest_and_each_is_named_once(country: str) -> None:
    order = nearness(country)
    assert order[:1] == ((country,) if country else ())
    assert len(set(order)) == len(order)


def test_every_policy_is_a_function_of_the_country_alone() -> None:
    for policy in POLICIES.values():
        assert policy("CN") == policy("CN")
        assert set(policy("CN").kinds) <= {"boutique", "warehouse", "brand"}
