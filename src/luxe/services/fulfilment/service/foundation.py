"""What every verb of fulfilment stands on: its database, and the house's tables, kept for some seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from luxe.kernel.house import House
from luxe.services.fulfilment.domain.rows import Tables
from luxe.services.fulfilment.service.carrier import Carrier
from luxe.services.fulfilment.service.simulator import Simulator
from luxe.services.fulfilment.service.tax_engine import engine_of
from luxe.services.fulfilment.store import sheets
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.orders.contract import Port as OrdersPort

KEPT_SECONDS = 5.0


class Foundation:
    def __init__(self, house: House, timer: Callable[[], float] = time.monotonic) -> None:
        self.db = house.database("fulfilment")
        self.orders = house.port(OrdersPort)
        self.inventory = house.port(InventoryPort)
        self.settings = house.settings
        self.zone = ZoneInfo(house.settings.home_zone)
        self.carrier: Carrier = Simulator(house.http, house.settings)
        self.taxes = engine_of(house.settings, self.tables)
        self._timer = timer
        self._tables = Tables()
        self._stale_at = -1.0

    async def tables(self) -> Tables:
        """At most some seconds old; of all processes, the one that changed them sees the change at once."""
        if self._timer() >= self._stale_at:
            self._tables = await sheets.everything(self.db.tx)
            self._stale_at = self._timer() + KEPT_SECONDS
        return self._tables

    def forget_tables(self) -> None:
        self._stale_at = -1.0
