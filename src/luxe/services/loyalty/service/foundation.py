"""What every use of the ledger stands on."""

from __future__ import annotations

from luxe.kernel import clock, context
from luxe.kernel.house import House
from luxe.services.loyalty import domain
from luxe.services.loyalty.store import posting


class Foundation:
    """The database, and the debt that is paid whenever points have come to somebody who owes."""

    def __init__(self, house: House) -> None:
        self.db = house.database("loyalty")
        self.base = house.settings.base_currency
        self.four_eyes_above = house.settings.four_eyes_above

    async def repay(self, account_id: str, reference: str) -> None:
        """Pays what a member owes with what is available. The caller holds the lock on the balance."""
        standing = await posting.lock(self.db.tx, account_id)
        points = min(standing.owed, standing.available)
        if points:
            journal = await self.post(
                standing,
                "repay",
                reference,
                [(domain.available_account(account_id), -points), (domain.owed_account(account_id), points)],
            )
            await posting.take_lots(self.db.tx, account_id, journal, points)

    async def post(
        self, standing: posting.Standing, kind: str, reference: str, entries: list[tuple[str, int]]
    ) -> str:
        """Writes one journal, whose entries sum to zero, and moves the balance; returns the journal's id."""
        return await posting.post(
            self.db.tx,
            standing,
            kind=kind,
            reference=reference,
            entries=[(account, points) for account, points in entries if points],
            at=clock.now(),
            actor=context.current().actor,
        )
