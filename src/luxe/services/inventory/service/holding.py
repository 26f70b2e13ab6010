"""Holding, extending, giving back, selling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from luxe.kernel import clock
from luxe.kernel.errors import BadRequest, Conflict, Gone
from luxe.services.inventory.contract import HeldUnit, Hold, HoldLine
from luxe.services.inventory.domain import lines as rules
from luxe.services.inventory.service.desk import Desk
from luxe.services.inventory.store import counting, holding

RUNS_KEPT = timedelta(days=30)
"""Longer than any hold that is still on its way."""
_EXPIRED_AT_ONCE = 500


class Holding(Desk):
    async def hold(self, *, run: str, lines: list[HoldLine], seconds: int, country: str = "") -> Hold:
        wanted = _checked(lines, seconds)
        now = clock.now()
        ends = now + timedelta(seconds=seconds)
        found = await holding.take(self.db.tx, run, wanted, self.policy(country), now, ends)
        if found is None:
            raise Gone("this run has let go of its pieces", code="hold_expired")
        taken, ends, free = found
        if short := _short(wanted, [unit.variant_id for unit in taken] or free):
            await self._refuse(short)
        return Hold(run=run, units=taken, expires_at=ends)

    async def extend(self, *, run: str, seconds: int) -> None:
        _check_seconds(seconds)
        if not await holding.extend(self.db.tx, run, clock.now() + timedelta(seconds=seconds)):
            raise Gone("this hold has ended", code="hold_expired")

    async def release(self, *, run: str) -> None:
        await holding.end_runs(self.db.tx, [run], clock.now())
        self._tell(await holding.give_back(self.db.tx, run))

    async def commit(self, *, run: str, order_id: str) -> list[HeldUnit]:
        sold, used_up = await holding.sell(self.db.tx, run, order_id)
        if not sold:
            raise Gone("this hold has ended", code="hold_expired")
        self._tell(used_up)
        return sold

    async def expire_holds(self) -> int:
        freed, back = await holding.free_expired(self.db.tx, clock.now(), _EXPIRED_AT_ONCE)
        self._tell(back)
        return freed

    async def forget_runs(self) -> None:
        await holding.forget_runs(self.db.tx, clock.now() - RUNS_KEPT)

    async def _refuse(self, short: Sequence[HoldLine]) -> None:
        """Sold out only when fewer unsold units exist than are wanted; otherwise somebody else may yet let one go."""
        names = [line.variant_id for line in short]
        found = await counting.availability(self.db.tx, names, clock.now().date())
        gone = [
            line.variant_id
            for line in short
            if found[line.variant_id].on_hand + found[line.variant_id].expected < line.quantity
        ]
        if gone:
            raise Conflict("sold out", code="sold_out", variant_ids=gone)
        raise Conflict(
            "every piece is being bought at this moment", code="momentarily_held", variant_ids=names
        )


def _checked(lines: Sequence[HoldLine], seconds: int) -> list[HoldLine]:
    _check_seconds(seconds)
    try:
        return rules.merged(lines)
    except rules.QuantityInvalid as error:
        raise BadRequest(str(error), code="quantity_invalid") from error


def _check_seconds(seconds: int) -> None:
    if not 1 <= seconds <= rules.MAX_SECONDS:
        raise BadRequest("a hold lasts one second to sixty days", code="quantity_invalid")


def _short(wanted: Sequence[HoldLine], variants: Sequence[str]) -> list[HoldLine]:
    got = Counter(variants)
    return [line for line in wanted if got[line.variant_id] < line.quantity]
