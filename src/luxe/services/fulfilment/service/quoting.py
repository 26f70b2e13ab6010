"""What delivery costs, when it comes, duties and taxes; and the tables that say so."""

from __future__ import annotations

from datetime import time
from typing import Any

import msgspec

from luxe.kernel import clock
from luxe.kernel.errors import Conflict, NotFound, PayloadInvalid
from luxe.kernel.money import Money
from luxe.services.fulfilment.contract import Charges, DeliveryMethod, Destination, GoodsLine, Replaced, Tax
from luxe.services.fulfilment.domain import sheets as reading
from luxe.services.fulfilment.domain.days import Calendar
from luxe.services.fulfilment.domain.methods import methods_to, steps_of
from luxe.services.fulfilment.domain.regions import same_area
from luxe.services.fulfilment.domain.taxing import Sale
from luxe.services.fulfilment.service.foundation import Foundation
from luxe.services.fulfilment.store import sheets

SHOWN_FAULTS = 100


class Quoting(Foundation):
    async def quote(
        self,
        *,
        destination: Destination,
        currency: str,
        tier: str,
        lines: list[GoodsLine],
        method: str = "",
        bought_this_year: Money | None = None,
    ) -> Charges:
        goods = sum((line.total for line in lines), Money.zero(currency))
        methods = await self._methods(destination, goods, tier)
        chosen = _chosen(methods, method)
        home = self.settings.home_country
        taxes = await self.taxes.assess(
            Sale(
                country=destination.country,
                region=destination.region,
                postcode=destination.postcode,
                origin="domestic" if same_area(home, destination.country) else "import",
                day=self._here().date(),
                lines=lines,
                delivery=chosen.price,
                bought_this_year=bought_this_year,
            )
        )
        return Charges(
            methods=methods,
            method=chosen.id,
            delivery=chosen.price,
            taxes=taxes,
            tax_included=_sum(taxes, currency, included=True),
            tax_added=_sum(taxes, currency, included=False),
            steps=steps_of(chosen.id, destination.country, currency, tier, (await self.tables()).rates),
        )

    async def sheet(self, *, table: str) -> str:
        return reading.write(_sheet(table), await sheets.rows_of(self.db.tx, table))

    async def replace_sheet(self, *, table: str, sheet: str, operator_id: str) -> Replaced:
        kind = _sheet(table)
        rows, faults = reading.read(kind, sheet)
        if faults:
            raise PayloadInvalid(
                f"{len(faults)} faults in the table",
                code="table_invalid",
                errors=[{"field": "csv"} | msgspec.to_builtins(fault) for fault in faults[:SHOWN_FAULTS]],
            )
        before: list[Any] = await sheets.rows_of(self.db.tx, table)
        added = [row for row in rows if row not in before]
        removed = [row for row in before if row not in rows]
        if rows != before:
            await sheets.replace(self.db.tx, table, rows)
            self.db.audit(
                "fulfilment.table_replaced",
                table,
                by=operator_id,
                rows=len(rows),
                added=len(added),
                removed=len(removed),
            )
            self.db.after_commit(self.forget_tables)
        return Replaced(rows=len(rows), added=len(added), removed=len(removed))

    async def _methods(self, destination: Destination, goods: Money, tier: str) -> list[DeliveryMethod]:
        tables = await self.tables()
        calendar = Calendar(self.settings.home_country, tables.closed)
        leaves = calendar.leaves(self._here(), time.fromisoformat(self.settings.dispatch_by))
        return methods_to(destination.country, goods, tier, tables.rates, calendar, leaves)

    def _here(self) -> Any:
        return clock.now().astimezone(self.zone)


def _chosen(methods: list[DeliveryMethod], wanted: str) -> DeliveryMethod:
    if not methods:
        raise Conflict("nothing is delivered there", code="not_delivered_there")
    by_id: dict[str, DeliveryMethod] = {each.id: each for each in methods}
    if not wanted:
        return by_id.get("standard", methods[0])
    if wanted not in by_id:
        raise Conflict("this way of delivery does not go there", code="method_unavailable")
    return by_id[wanted]


def _sum(taxes: list[Tax], currency: str, *, included: bool) -> Money:
    return sum((tax.amount for tax in taxes if tax.included == included), Money.zero(currency))


def _sheet(table: str) -> reading.Sheet:
    if table not in reading.SHEETS:
        raise NotFound(f"the tables are {', '.join(reading.SHEETS)}", code="table_unknown")
    return reading.SHEETS[table]
