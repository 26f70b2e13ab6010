"""What delivery costs and which taxes are on it, through the port; and the engine behind it."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any

import pytest

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.kernel.money import Money
from luxe.kernel.settings import SettingsError
from luxe.kernel.telemetry import SQL_STATEMENTS
from luxe.services.fulfilment.contract import Charges, Destination, GoodsLine, Port, Replaced
from luxe.services.fulfilment.service import Fulfilment
from luxe.services.fulfilment.service.foundation import KEPT_SECONDS
from luxe.services.fulfilment.service.tax_engine import engine_of
from tests.harness import make_settings, running

DELIVERY = """Method,Country,Currency,Price,Days least,Days most
standard,US,USD,25.00,2,4
express,US,USD,60.00,1,1
standard,FR,EUR,0,1,2
"""
TAXES = """Country,Region,Kind,Name,Rate,Included
US,NY,sales_tax,Sales tax,8.875,no
FR,,vat,TVA,20,yes
"""
NEW_YORK = Destination(country="US", region="New York", postcode="10013")


@pytest.fixture(autouse=True)
def monday_morning() -> Any:
    clock.replace_clock(lambda: datetime(2026, 11, 23, 1, 0, tzinfo=UTC))
    yield
    clock.replace_clock(None)


async def refused(call: Awaitable[Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value


async def quoted(port: Port, destination: Destination, amount: Money, method: str = "") -> Charges:
    lines = [GoodsLine(variant_id="var_a", category="silk", quantity=1, total=amount)]
    return await port.quote(
        destination=destination, currency=amount.currency, tier="silver", lines=lines, method=method
    )


async def test_quotes_by_the_tables_of_the_house(binding: str) -> None:
    async with running("fulfilment", binding=binding) as house:
        port = house.port(Port)
        free = await quoted(port, NEW_YORK, Money(10_000, "USD"))
        assert (free.method, free.delivery, free.taxes) == ("standard", Money(0, "USD"), [])
        for again in (False, True):
            changed = await port.replace_sheet(table="delivery", sheet=DELIVERY, operator_id="acc_li")
            assert changed == Replaced(rows=3, added=0 if again else 3, removed=0)
        await port.replace_sheet(table="taxes", sheet=TAXES, operator_id="acc_li")
        charged = await quoted(port, NEW_YORK, Money(10_000, "USD"))
        assert [(each.id, each.price.minor, each.earliest.isoformat()) for each in charged.methods] == [
            ("standard", 2_500, "2026-11-25"),
            ("express", 6_000, "2026-11-24"),
        ]
        assert (charged.method, charged.delivery) == ("standard", Money(2_500, "USD"))
        assert (charged.tax_included, charged.tax_added) == (Money(0, "USD"), Money(888 + 222, "USD"))
        fast = await quoted(port, NEW_YORK, Money(10_000, "USD"), "express")
        assert (fast.method, fast.tax_added) == ("express", Money(888 + 533, "USD"))
        paris = await quoted(port, Destination(country="FR"), Money(12_000, "EUR"))
        assert (paris.tax_included, paris.tax_added) == (Money(2_000, "EUR"), Money(0, "EUR"))
        for destination, method, code in (
            (Destination(country="JP"), "", "not_delivered_there"),
            (NEW_YORK, "collect", "method_unavailable"),
            (Destination(country="US", region="Bavaria"), "", "region_unknown"),
        ):
            assert (await refused(quoted(port, destination, Money(100, "USD"), method))).code == code


async def test_an_ordinary_quote_sends_no_sql() -> None:
    async with running("fulfilment") as house:
        port = house.port(Port)
        service: Fulfilment = house.service("fulfilment")
        now = [0.0]
        service._timer = lambda: now[0]
        await quoted(port, NEW_YORK, Money(100, "USD"))
        sent = SQL_STATEMENTS.labels("luxe_fulfilment")
        before = sent._value.get()
        for _ in range(20):
            await quoted(port, NEW_YORK, Money(100, "USD"))
        assert sent._value.get() == before
        now[0] = KEPT_SECONDS
        await quoted(port, NEW_YORK, Money(100, "USD"))
        assert sent._value.get() == before + 3, "three tables are read again"


async def test_a_table_with_a_fault_leaves_the_old_one(binding: str) -> None:
    async with running("fulfilment", binding=binding) as house:
        port = house.port(Port)
        await port.replace_sheet(table="taxes", sheet=TAXES, operator_id="acc_li")
        before = await port.sheet(table="taxes")
        wrong = await refused(
            port.replace_sheet(table="taxes", sheet=TAXES + "FR,,vat,Wrong,120,yes\n", operator_id="acc_li")
        )
        assert wrong.code == "table_invalid"
        assert [(fault["row"], fault["column"]) for fault in wrong.extra["errors"]] == [(4, "Rate")]
        assert await port.sheet(table="taxes") == before
        assert (await refused(port.sheet(table="people"))).code == "table_unknown"
        changed = await port.replace_sheet(
            table="taxes", sheet=before.replace(",20,", ",21,"), operator_id="x"
        )
        assert changed == Replaced(rows=2, added=1, removed=1)
        assert len(await house.rows("fulfilment", "SELECT 1 FROM fulfilment.audit")) == 2


def test_an_unknown_engine_is_a_setting_to_correct() -> None:
    with pytest.raises(SettingsError, match="LUXE_TAX_ENGINE: one of table"):
        engine_of(make_settings("postgresql+asyncpg://no/no", tax_engine="oracle"), None)  # pyright: ignore[reportArgumentType]
