"""What a member has, and what a purchase does to it: hold, release, settle; and what time does: expire."""

from __future__ import annotations

from luxe.kernel import clock, context, errors
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.loyalty import domain
from luxe.services.loyalty.contract import Balance, PointsWorth, Statement, StatementLine
from luxe.services.loyalty.service.foundation import Foundation
from luxe.services.loyalty.store import purchases

LAPSING_AT_ONCE = 50


class Purchases(Foundation):
    async def balance(self, *, account_id: str) -> Balance:
        row = await purchases.balance(self.db.tx, account_id)
        return Balance(**row)

    async def statement(self, *, account_id: str, cursor: str = "", limit: int = 25) -> Statement:
        limit = max(1, min(limit, 100))
        rows = await purchases.statement(self.db.tx, account_id, cursor, limit + 1)
        lines = [
            StatementLine(
                id=row["id"],
                at=row["at"],
                kind=row["kind"],
                reference=row["reference"],
                points=row["points"],
                balance=row["balance"],
                owed=row["owed"],
            )
            for row in rows[:limit]
        ]
        return Statement(items=lines, next=lines[-1].id if len(rows) > limit else None)

    async def redeemable(self, *, account_id: str, total: Money) -> PointsWorth:
        most = domain.most_points(total, self.base)
        row = await purchases.balance(self.db.tx, account_id)
        points = min(most, row["available"])
        return PointsWorth(points=points, worth=domain.worth(points, total.currency, self.base))

    async def worth(self, *, points: int, currency: str) -> PointsWorth:
        return PointsWorth(points=points, worth=domain.worth(points, currency, self.base))

    async def hold(self, *, run: str, account_id: str, points: int, total: Money) -> PointsWorth:
        """No points are no statement at all. Raises `points_invalid`, `points_short`, `run_unknown`."""
        if points == 0:
            return PointsWorth(points=0, worth=Money.zero(total.currency))
        most = domain.most_points(total, self.base)
        if not 0 < points <= most:
            raise errors.Conflict(
                f"up to {most} points can be spent on this", code="points_invalid", most=most
            )
        worth = domain.worth(points, total.currency, self.base)
        fresh, moved = await purchases.hold(
            self.db.tx,
            run=run,
            account_id=account_id,
            points=points,
            worth_minor=worth.minor,
            currency=worth.currency,
            journal_id=new_id("jrn"),
            at=clock.now(),
            actor=context.current().actor,
        )
        if fresh and not moved:
            raise errors.Conflict("there are not so many points", code="points_short")
        return PointsWorth(points=points, worth=worth) if fresh else await self._held_before(run, account_id)

    async def release(self, *, run: str) -> None:
        debtor = await purchases.release(self.db.tx, run, new_id("jrn"), clock.now(), context.current().actor)
        if debtor:
            await self.repay(debtor, run)

    async def settle(
        self, *, run: str, account_id: str, reference: str, net_paid: Money, multiplier_percent: int
    ) -> int:
        known = await purchases.lock(self.db.tx, account_id, run)
        if known["earned"] is not None or known["hold"] == "settled":
            return known["earned"] or 0
        if known["hold"] == "released":
            raise errors.Conflict("this run was given up", code="run_unknown")
        at = clock.now()
        points = domain.earned(net_paid, multiplier_percent, self.base)
        if not points and known["hold"] is None:
            return 0
        await purchases.settle(
            self.db.tx,
            run=run,
            account_id=account_id,
            reference=reference,
            points=points,
            net_paid_minor=net_paid.minor,
            currency=net_paid.currency,
            total=known["total"],
            redeem_id=new_id("jrn"),
            earn_id=new_id("jrn"),
            lot_id=new_id("lot"),
            at=at,
            expires_at=domain.lapses_at(at),
            actor=context.current().actor,
        )
        if points and known["owed"]:
            await self.repay(account_id, reference)
        return points

    async def expire(self) -> bool:
        """Lets lapsed points go, oldest first, but for those that a run holds; True if there may be more."""
        at = clock.now()
        accounts = await purchases.lapsing(self.db.tx, at, LAPSING_AT_ONCE)
        for account_id in accounts:
            await purchases.lapse(self.db.tx, account_id, new_id("jrn"), at, context.current().actor)
        return len(accounts) == LAPSING_AT_ONCE

    async def _held_before(self, run: str, account_id: str) -> PointsWorth:
        found = await purchases.hold_of(self.db.tx, run)
        if found.state == "released" or found.account_id != account_id:
            raise errors.Conflict("this run was given up", code="run_unknown")
        return PointsWorth(points=found.points, worth=Money(found.worth_minor, found.currency))
