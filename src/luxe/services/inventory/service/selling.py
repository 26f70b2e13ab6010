"""Sold units leave the house, and some come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from luxe.kernel import clock, context
from luxe.kernel.errors import BadRequest, Conflict
from luxe.services.inventory.contract import HeldUnit, RestockLine
from luxe.services.inventory.domain.changes import MAIN
from luxe.services.inventory.domain.lines import own_number
from luxe.services.inventory.service.desk import Desk
from luxe.services.inventory.store import holding, places, selling

CONDITIONS = ("saleable", "damaged")


class Selling(Desk):
    async def ship(
        self,
        *,
        order_id: str,
        key: str,
        serials: list[str] | None = None,
        unit_ids: list[str] | None = None,
    ) -> list[HeldUnit]:
        sold = await selling.of_order(self.db.tx, order_id)
        if already := [row for row in sold if row.shipment == key]:
            return [holding.held_unit(row) for row in already]
        wanted = _wanted(sold, serials, unit_ids)
        if late := sorted(row.serial for row in wanted if row.coming):
            raise Conflict("these pieces have not arrived yet", code="not_arrived", serials=late)
        if gone := sorted(row.serial for row in wanted if row.shipment):
            raise Conflict("these pieces are shipped already", code="already_shipped", serials=gone)
        if wanted:
            await selling.mark_shipped(self.db.tx, [row.id for row in wanted], key, clock.now())
            self.db.audit("inventory.shipped", order_id, serials=[row.serial for row in wanted], key=key)
        return [holding.held_unit(row) for row in wanted]

    async def restock(
        self, *, key: str, order_id: str, lines: list[RestockLine], reason: str
    ) -> list[HeldUnit]:
        sold = await selling.of_order(self.db.tx, order_id)
        before = await selling.restocked(self.db.tx, key)
        if before is not None:
            return before
        back = _coming_back(sold, lines)
        damaged = [row for row, condition in back if condition == "damaged"]
        saleable = [row for row, condition in back if condition == "saleable"]
        answer = [holding.held_unit(row) for row, _ in back]
        now, actor = clock.now(), context.current().actor
        await selling.note_restock(self.db.tx, key, order_id, reason, answer, len(damaged), now, actor)
        await holding.end_runs(self.db.tx, [row.run for row, _ in back], now)
        await self._free(saleable, reason)
        await self._write_off_returned(damaged, reason)
        self.db.audit(
            "inventory.restocked",
            order_id,
            serials=[unit.serial for unit in answer],
            damaged=len(damaged),
            reason=reason,
        )
        return answer

    async def _free(self, rows: Sequence[Any], reason: str) -> None:
        """Back where they came from; at the main location if that one is closed by now."""
        if not rows:
            return
        known = await places.shared(self.db.tx, sorted({row.location for row in rows}))
        homeless = [row for row in rows if not known[row.location].active]
        if homeless:
            await selling.move_to(self.db.tx, [row.id for row in homeless], MAIN)
            for (variant, place), number in sorted(_by_place(homeless).items()):
                await self._move("moved", variant, place, -number, reason, None)
                await self._move("moved", variant, MAIN, number, reason, None)
        await selling.free_again(self.db.tx, [row.id for row in rows])
        for variant in sorted({row.variant_id for row in rows}):
            await self._more_of(variant)

    async def _write_off_returned(self, rows: Sequence[Any], reason: str) -> None:
        if rows:
            await selling.write_off(self.db.tx, [row.id for row in rows])
        for (variant, place), number in sorted(_by_place(rows).items()):
            await self._move("returned_damaged", variant, place, -number, reason, None)


def _by_place(rows: Sequence[Any]) -> Counter[tuple[str, str]]:
    return Counter((row.variant_id, row.location) for row in rows)


def _named(sold: Sequence[Any], serials: Sequence[str]) -> list[Any]:
    """A unit is known by its serial and by the number that it had when it was promised. Raises `not_of_this_order`."""
    by_number = {own_number(row.id): row for row in sold} | {row.serial: row for row in sold}
    if foreign := sorted({serial for serial in serials if serial not in by_number}):
        raise Conflict("these pieces are not of this order", code="not_of_this_order", serials=foreign)
    return [by_number[serial] for serial in serials]


def _wanted(sold: Sequence[Any], serials: Sequence[str] | None, unit_ids: Sequence[str] | None) -> list[Any]:
    if serials is None and unit_ids is None:
        return [row for row in sold if not row.shipment]
    by_id = {row.id: row for row in sold}
    if foreign := sorted(set(unit_ids or ()) - set(by_id)):
        raise Conflict("these pieces are not of this order", code="not_of_this_order", serials=foreign)
    chosen = {row.id: row for row in _named(sold, serials or ())}
    chosen |= {unit_id: by_id[unit_id] for unit_id in unit_ids or ()}
    return [row for row in sold if row.id in chosen]


def _coming_back(sold: Sequence[Any], lines: Sequence[RestockLine]) -> list[tuple[Any, str]]:
    """Rows with their condition, each once and of the variant that its line names."""
    found: dict[str, tuple[Any, str]] = {}
    for line in lines:
        if line.condition not in CONDITIONS or not line.serials:
            raise BadRequest("name the pieces, saleable or damaged", code="quantity_invalid")
        for row in _named([row for row in sold if row.variant_id == line.variant_id], line.serials):
            if row.id in found:
                raise BadRequest(f"{row.serial} is named twice", code="quantity_invalid")
            found[row.id] = (row, line.condition)
    if not found:
        raise BadRequest("nothing is taken back", code="quantity_invalid")
    return list(found.values())
