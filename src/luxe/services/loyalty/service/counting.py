"""The books as a whole: what they sum to, and whether what is kept beside them agrees."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter

from luxe.kernel import clock
from luxe.kernel.ids import new_id
from luxe.services.loyalty.contract import BooksDiffered, Recount, TrialBalance
from luxe.services.loyalty.service.foundation import Foundation
from luxe.services.loyalty.store import books

RECOUNT_EVERY = timedelta(hours=1)
AT_ONCE = 500
DIFFERENCES = Counter("luxe_points_differences", "Differences that a recount of points found", ["what"])

log = structlog.get_logger()


class Counting(Foundation):
    async def trial_balance(self, *, at: datetime | None = None) -> TrialBalance:
        moment = at or clock.now()
        rows = await books.totals(self.db.tx, moment)
        return TrialBalance(at=moment, rows=rows, total=sum(row.points for row in rows))

    async def recounts(self, *, limit: int = 10) -> list[Recount]:
        return await books.recounts(self.db.tx, max(1, min(limit, 100)))

    async def recount(self) -> bool:
        """Goes on with the recount under way, or begins one when the last began an hour ago: balances and lots of the
        next members against their entries, in one statement's snapshot. True while members are left.

        A difference is logged, counted, told by a fact and kept for the office. It is never corrected: whoever looks
        needs both numbers.
        """
        at = clock.now()
        run = await books.under_way(self.db.tx, new_id("rec"), at, at - RECOUNT_EVERY)
        if run is None:
            return False
        members = await books.members_after(self.db.tx, run.cursor, AT_ONCE)
        found = await books.differences(self.db.tx, members) if members else []
        for each in found:
            DIFFERENCES.labels(each.what.partition(":")[0]).inc()
            log.error(
                "points_differ",
                account=each.account_id,
                what=each.what,
                kept=each.kept,
                counted=each.counted,
                recount=run.id,
            )
            self.db.emit(
                BooksDiffered(
                    account_id=each.account_id,
                    recount=run.id,
                    what=each.what,
                    kept=each.kept,
                    counted=each.counted,
                )
            )
        over = len(members) < AT_ONCE
        await books.go_on(
            self.db.tx,
            run.id,
            members[-1] if members else run.cursor,
            len(members),
            found,
            at if over else None,
        )
        return not over
