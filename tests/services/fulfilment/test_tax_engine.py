"""What every tax engine must do, as a test. Another engine is added to `ENGINES` with tables of its own that say the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from luxe.kernel.errors import BadRequest
from luxe.kernel.money import Money
from luxe.services.fulfilment.contract import GoodsLine
from luxe.services.fulfilment.domain.rows import Tables, TaxRule
from luxe.services.fulfilment.domain.taxing import Sale
from luxe.services.fulfilment.service.tax_engine import TableEngine, TaxEngine

TABLES = Tables(
    taxes=(
        TaxRule(country="FR", kind="vat", name="TVA", rate="20"),
        TaxRule(country="US", region="NY", kind="sales_tax", name="Sales tax", rate="8.875", included=False),
    )
)


async def _shelf() -> Tables:
    return TABLES


ENGINES: dict[str, Callable[[], TaxEngine]] = {"table": lambda: TableEngine(_shelf)}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> TaxEngine:
    return ENGINES[request.param]()


def sale(country: str, region: str, currency: str, *totals: int, delivery: int = 0) -> Sale:
    return Sale(
        country=country,
        region=region,
        postcode="",
        origin="domestic",
        day=date(2026, 11, 23),
        lines=[
            GoodsLine(variant_id=f"var_{at}", category="silk", quantity=1, total=Money(total, currency))
            for at, total in enumerate(totals)
        ],
        delivery=Money(delivery, currency),
    )


async def test_lines_in_their_order_and_delivery_last(engine: TaxEngine) -> None:
    found = await engine.assess(sale("FR", "", "EUR", 12_000, 6_000, delivery=1_200))
    assert [(tax.variant_id, tax.amount.minor) for tax in found] == [
        ("var_0", 2_000),
        ("var_1", 1_000),
        ("", 200),
    ]
    assert await engine.assess(sale("FR", "", "EUR", 12_000, 6_000, delivery=1_200)) == found


async def test_included_and_added(engine: TaxEngine) -> None:
    (included,) = await engine.assess(sale("FR", "", "EUR", 12_000))
    assert (included.included, included.base + included.amount) == (True, Money(12_000, "EUR"))
    (added,) = await engine.assess(sale("US", "New York", "USD", 10_000))
    assert (added.included, added.base, added.amount) == (False, Money(10_000, "USD"), Money(888, "USD"))


async def test_where_nothing_is_due_nothing_is_said(engine: TaxEngine) -> None:
    assert await engine.assess(sale("AE", "", "AED", 10_000)) == []


async def test_a_region_that_is_none_is_refused(engine: TaxEngine) -> None:
    with pytest.raises(BadRequest) as refused:
        await engine.assess(sale("US", "Bavaria", "USD", 10_000))
    assert refused.value.code == "region_unknown"
