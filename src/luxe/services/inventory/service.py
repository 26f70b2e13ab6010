"""Use cases of inventory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

from luxe.kernel import clock, context
from luxe.kernel.errors import BadRequest, Conflict, Gone
from luxe.kernel.house import House
from luxe.kernel.ids import new_id
from luxe.services.inventory import domain, store
from luxe.services.inventory.contract import Availability, HeldUnit, Hold, HoldLine, StockChanged

RUNS_KEPT = timedelta(days=30)
"""Longer than any hold that is still on its way."""
_EXPIRED_AT_ONCE = 500


class Inventory:
    """Stock, one row a unit."""

    def __init__(self, house: House) -> None:
        self.db = house.database("inventory")

    async def availability(self, *, variant_ids: list[str]) -> list[Availability]:
        found = await store.availability(self.db.tx, variant_ids)
        return [found[variant] for variant in variant_ids]

    async def hold(self, *, run: str, lines: list[HoldLine], seconds: int) -> Hold:
        wanted = _checked(lines, seconds)
        now = clock.now()
        found = await store.take(self.db.tx, run, wanted, now, now + timedelta(seconds=seconds))
        if found is None:
            raise Gone("this run has let go of its pieces", code="hold_expired")
        taken, ends = found
        if short := _short(wanted, taken):
            await self._refuse(short)
        return Hold(run=run, units=taken, expires_at=ends)

    async def extend(self, *, run: str, seconds: int) -> None:
        _check_seconds(seconds)
        if not await store.extend(self.db.tx, run, clock.now() + timedelta(seconds=seconds)):
            raise Gone("this hold has ended", code="hold_expired")

    async def release(self, *, run: str) -> None:
        await store.end_run(self.db.tx, run, clock.now())
        self._tell(await store.give_back(self.db.tx, run))

    async def commit(self, *, run: str, order_id: str) -> list[HeldUnit]:
        sold, used_up = await store.sell(self.db.tx, run, order_id)
        if not sold:
            raise Gone("this hold has ended", code="hold_expired")
        self._tell(used_up)
        return sold

    async def receive(
        self, *, variant_id: str, quantity: int, reason: str, key: str, location: str = "main"
    ) -> Availability:
        if not 1 <= quantity <= 10_000:
            raise BadRequest("receive 1 to 10,000 pieces", code="quantity_invalid")
        if await self._move("receive", variant_id, location, quantity, reason, key):
            await self._add(variant_id, location, quantity)
            self._tell({variant_id})
        return (await self.availability(variant_ids=[variant_id]))[0]

    async def count(
        self, *, variant_id: str, quantity: int, reason: str, location: str = "main"
    ) -> Availability:
        if not 0 <= quantity <= 10_000:
            raise BadRequest("count 0 to 10,000 pieces", code="quantity_invalid")
        difference = quantity - await store.unsold(self.db.tx, variant_id, location)
        if difference:
            if difference > 0:
                await self._add(variant_id, location, difference)
            elif await store.remove_free(self.db.tx, variant_id, location, -difference) != -difference:
                raise Conflict("more pieces are being bought than this count leaves", code="stock_in_use")
            await self._move("count", variant_id, location, difference, reason, None)
            self._tell({variant_id})
        return (await self.availability(variant_ids=[variant_id]))[0]

    async def expire_holds(self) -> int:
        freed, back = await store.free_expired(self.db.tx, clock.now(), _EXPIRED_AT_ONCE)
        self._tell(back)
        return freed

    async def forget_runs(self) -> None:
        await store.forget_runs(self.db.tx, clock.now() - RUNS_KEPT)

    async def _refuse(self, short: list[str]) -> None:
        """Sold out only when no unsold unit is left; otherwise somebody else may yet let one go."""
        found = await store.availability(self.db.tx, short)
        gone = [variant for variant in short if found[variant].on_hand == 0]
        if gone:
            raise Conflict("sold out", code="sold_out", variant_ids=gone)
        raise Conflict(
            "every piece is being bought at this moment", code="momentarily_held", variant_ids=short
        )

    async def _add(self, variant_id: str, location: str, quantity: int) -> None:
        """A unit without a maker's serial number is numbered by its id."""
        ids = [new_id("unit") for _ in range(quantity)]
        serials = [unit_id.removeprefix("unit_").upper() for unit_id in ids]
        await store.add_units(self.db.tx, variant_id, location, clock.now(), ids, serials)

    async def _move(
        self, kind: str, variant_id: str, location: str, quantity: int, reason: str, key: str | None
    ) -> bool:
        row = {
            "at": clock.now(),
            "actor": context.current().actor,
            "kind": kind,
            "variant_id": variant_id,
            "location": location,
            "quantity": quantity,
            "reason": reason,
            "key": key,
        }
        moved = await store.add_movement(self.db.tx, row)
        if moved:
            self.db.audit(
                f"inventory.{kind}", variant_id, quantity=quantity, location=location, reason=reason
            )
        return moved

    def _tell(self, variant_ids: Iterable[str]) -> None:
        self.db.emit(*(StockChanged(variant_id=variant) for variant in sorted(variant_ids)))


def _checked(lines: Sequence[HoldLine], seconds: int) -> list[HoldLine]:
    _check_seconds(seconds)
    try:
        return domain.merged(lines)
    except domain.QuantityInvalid as error:
        raise BadRequest(str(error), code="quantity_invalid") from error


def _check_seconds(seconds: int) -> None:
    if not 1 <= seconds <= domain.MAX_SECONDS:
        raise BadRequest("a hold lasts one second to three days", code="quantity_invalid")


def _short(wanted: Sequence[HoldLine], taken: Sequence[HeldUnit]) -> list[str]:
    got = Counter(unit.variant_id for unit in taken)
    return [line.variant_id for line in wanted if got[line.variant_id] < line.quantity]
