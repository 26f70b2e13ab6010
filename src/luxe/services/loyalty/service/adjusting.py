"""Points given or taken by hand: small ones at once, large ones by two people."""

from __future__ import annotations

from datetime import timedelta

from luxe.kernel import clock, errors
from luxe.kernel.ids import new_id
from luxe.services.loyalty import domain
from luxe.services.loyalty.contract import Adjustment, AdjustmentPage
from luxe.services.loyalty.service.foundation import Foundation
from luxe.services.loyalty.store import adjustments, posting

A_DAY = timedelta(days=1)
MOST = 10**9


class Adjusting(Foundation):
    async def adjust(
        self, *, key: str, account_id: str, points: int, reason: str, operator_id: str
    ) -> Adjustment:
        """Raises `adjustment_invalid`, `adjustment_reused`, `own_points`, `adjustment_short`."""
        reason = reason.strip()
        if not (0 < abs(points) <= MOST and reason and key and account_id and operator_id):
            raise errors.BadRequest("points and a reason are needed", code="adjustment_invalid")
        if operator_id == account_id:
            raise errors.Forbidden("nobody adjusts their own points", code="own_points")
        standing = await posting.lock(self.db.tx, account_id)
        known = await adjustments.by_key(self.db.tx, operator_id, key)
        if known is not None:
            if (known.account_id, known.points, known.reason) != (account_id, points, reason):
                raise errors.Conflict("this key was for another adjustment", code="adjustment_reused")
            return known
        at = clock.now()
        alone = await adjustments.moved_alone(self.db.tx, operator_id, account_id, at - A_DAY)
        made = Adjustment(
            id=new_id("adj"),
            account_id=account_id,
            points=points,
            reason=reason,
            state="pending" if alone + abs(points) > self.four_eyes_above else "made",
            proposed_by=operator_id,
            proposed_at=at,
        )
        await adjustments.note(self.db.tx, made, key)
        if made.state == "made":
            await self._make(standing, made)
        self.db.audit(
            "loyalty.adjusted" if made.state == "made" else "loyalty.adjustment_proposed",
            account_id,
            adjustment=made.id,
            points=points,
            reason=reason,
        )
        return made

    async def decide_adjustment(
        self, *, adjustment_id: str, operator_id: str, approve: bool, note: str = ""
    ) -> Adjustment:
        """Raises `adjustment_unknown`, `adjustment_decided`, `same_person`, `own_points`, `adjustment_short`."""
        found = await adjustments.one(self.db.tx, adjustment_id)
        if found is None:
            raise errors.NotFound("there is no such adjustment", code="adjustment_unknown")
        if not operator_id or operator_id == found.proposed_by:
            raise errors.Forbidden("somebody else has to decide this", code="same_person")
        if operator_id == found.account_id:
            raise errors.Forbidden("nobody adjusts their own points", code="own_points")
        standing = await posting.lock(self.db.tx, found.account_id)
        found = await adjustments.one(self.db.tx, adjustment_id) or found
        state = "made" if approve else "declined"
        if found.state != "pending":
            if (found.state, found.decided_by) != (state, operator_id):
                raise errors.Conflict("this is decided already", code="adjustment_decided")
            return found
        await adjustments.decide(
            self.db.tx,
            adjustment_id=adjustment_id,
            proposed_by=found.proposed_by,
            decided_by=operator_id,
            approved=approve,
            note=note.strip(),
            at=clock.now(),
        )
        if approve:
            await self._make(standing, found)
        self.db.audit(
            "loyalty.adjustment_approved" if approve else "loyalty.adjustment_declined",
            found.account_id,
            adjustment=adjustment_id,
            points=found.points,
            note=note.strip(),
        )
        return await adjustments.one(self.db.tx, adjustment_id) or found

    async def adjustments(
        self, *, state: str = "", account_id: str = "", cursor: str = "", limit: int = 25
    ) -> AdjustmentPage:
        limit = max(1, min(limit, 100))
        found = await adjustments.listed(self.db.tx, state, account_id, cursor, limit + 1)
        return AdjustmentPage(items=found[:limit], next=found[limit - 1].id if len(found) > limit else None)

    async def _make(self, standing: posting.Standing, adjustment: Adjustment) -> None:
        points, account_id = adjustment.points, adjustment.account_id
        if -points > standing.available:
            raise errors.Conflict("the member has not so many points", code="adjustment_short")
        entries = [(domain.available_account(account_id), points), (domain.ADJUSTED, -points)]
        journal = await self.post(standing, "adjust", adjustment.id, entries)
        if points < 0:
            await posting.take_lots(self.db.tx, account_id, journal, -points)
            return
        at = clock.now()
        lot = domain.Lot(points=points, earned_at=at, expires_at=domain.lapses_at(at))
        await posting.add_lots(self.db.tx, account_id, journal, [(new_id("lot"), lot)])
        await self.repay(account_id, adjustment.id)
