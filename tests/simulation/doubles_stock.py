"""Inventory in memory, as its contract promises: one entry a unit, all lines or none, a run lets go once and for all."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from luxe.kernel import clock
from luxe.kernel.errors import BadRequest, Conflict, Gone
from luxe.services.inventory.contract import HeldUnit, Hold, HoldLine, RestockLine


class Unit:
    """free: no run. held: run and `until`. sold: run and order. Written off units leave the shelf."""

    def __init__(self, unit_id: str, variant_id: str) -> None:
        self.unit_id, self.variant_id = unit_id, variant_id
        self.serial = f"S-{unit_id}"
        self.run = ""
        self.until: datetime | None = None
        self.order_id = ""
        self.shipped = False

    @property
    def state(self) -> str:
        if self.order_id:
            return "sold"
        return "held" if self.run else "free"

    def seen(self) -> HeldUnit:
        return HeldUnit(unit_id=self.unit_id, variant_id=self.variant_id, serial=self.serial, location="main")

    def free(self) -> None:
        self.run, self.until, self.order_id, self.shipped = "", None, "", False


class Inventory:
    def __init__(self, stock: dict[str, int]) -> None:
        self.units = [
            Unit(f"{variant}-{number}", variant)
            for variant, count in stock.items()
            for number in range(count)
        ]
        self.received = len(self.units)
        self.written_off: list[Unit] = []
        self.over: set[str] = set()
        self.restocks: dict[str, list[HeldUnit]] = {}

    def hold(self, *, run: str, lines: list[HoldLine], seconds: int, country: str = "") -> Hold:
        if any(line.quantity < 1 for line in lines) or not 1 <= seconds <= 3 * 24 * 3600:
            raise BadRequest("not so", code="quantity_invalid")
        if run in self.over:
            raise Gone("this run has let go of its pieces", code="hold_expired")
        mine = [unit for unit in self.units if unit.run == run]
        if not mine:
            mine = self._take(run, lines, clock.now() + timedelta(seconds=seconds))
        until = next((unit.until for unit in mine if unit.until), clock.now())
        return Hold(run=run, units=[unit.seen() for unit in mine], expires_at=until)

    def _take(self, run: str, lines: list[HoldLine], until: datetime) -> list[Unit]:
        free = {line.variant_id: self._of(line.variant_id, "free")[: line.quantity] for line in lines}
        short = [line for line in lines if len(free[line.variant_id]) < line.quantity]
        if short:
            unsold = {line.variant_id: len(self._of(line.variant_id, "free", "held")) for line in short}
            gone = [line.variant_id for line in short if unsold[line.variant_id] < line.quantity]
            if gone:
                raise Conflict("sold out", code="sold_out", variant_ids=gone)
            raise Conflict(
                "being bought", code="momentarily_held", variant_ids=[line.variant_id for line in short]
            )
        taken = [unit for units in free.values() for unit in units]
        for unit in taken:
            unit.run, unit.until = run, until
        return taken

    def _of(self, variant_id: str, *states: str) -> list[Unit]:
        return [unit for unit in self.units if unit.variant_id == variant_id and unit.state in states]

    def release(self, *, run: str) -> None:
        self.over.add(run)
        for unit in self.units:
            if unit.run == run and unit.state == "held":
                unit.free()

    def commit(self, *, run: str, order_id: str) -> list[HeldUnit]:
        mine = [unit for unit in self.units if unit.run == run]
        if not mine:
            raise Gone("this hold has ended", code="hold_expired")
        for unit in mine:
            assert unit.order_id in ("", order_id), "a unit is sold twice"
            unit.until, unit.order_id = None, order_id
        return [unit.seen() for unit in mine]

    def ship(self, *, order_id: str) -> None:
        for unit in self.units:
            unit.shipped = unit.shipped or unit.order_id == order_id

    def restock(self, *, key: str, order_id: str, lines: list[RestockLine], reason: str) -> list[HeldUnit]:
        if key in self.restocks:
            return self.restocks[key]
        sold = {unit.serial: unit for unit in self.units if unit.order_id == order_id}
        wanted = [(serial, line.condition) for line in lines for serial in line.serials]
        if not wanted or max(Counter(serial for serial, _ in wanted).values()) > 1:
            raise BadRequest("nothing, or twice", code="quantity_invalid")
        if any(serial not in sold for serial, _ in wanted):
            raise Conflict("these pieces are not of this order", code="not_of_this_order")
        back = [sold[serial].seen() for serial, _ in wanted]
        for serial, condition in wanted:
            unit = sold[serial]
            self.over.add(unit.run)
            if condition == "damaged":
                self.units.remove(unit)
                self.written_off.append(unit)
            unit.free()
        self.restocks[key] = back
        return back

    def expire_holds(self) -> int:
        late = [unit for unit in self.units if unit.until is not None and unit.until <= clock.now()]
        for unit in late:
            self.over.add(unit.run)
            unit.free()
        return len(late)
