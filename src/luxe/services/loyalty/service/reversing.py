"""What a refund does to points."""

from __future__ import annotations

from luxe.kernel import clock, context, errors
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.loyalty import domain
from luxe.services.loyalty.contract import Reversal
from luxe.services.loyalty.service.foundation import Foundation
from luxe.services.loyalty.store import posting, reversals


class Reversing(Foundation):
    async def reverse(self, *, run: str, key: str, refunded: Money) -> Reversal:
        """Gives back before it takes back, so that nobody owes what the same refund brings."""
        if refunded.minor < 0 or not key:
            raise errors.BadRequest(
                "a refund is an amount above nothing, and has a key", code="refund_invalid"
            )
        sale = await reversals.sale_of(self.db.tx, run)
        if sale is None:
            if await reversals.is_held(self.db.tx, run):
                raise errors.Conflict("this run still holds its points", code="run_unsettled")
            return Reversal(taken_back=0, given_back=0)
        if sale.currency not in ("", refunded.currency):
            raise errors.BadRequest(f"this was paid in {sale.currency}", code="refund_invalid")
        standing = await posting.lock(self.db.tx, sale.account_id)
        before = await reversals.so_far(self.db.tx, run, key)
        if before.same_key is not None:
            if before.same_key.refunded_minor != refunded.minor:
                raise errors.Conflict("this key reversed another amount", code="reversal_reused")
            return before.same_key.reversal
        part = _part(sale, before, refunded)
        await reversals.note(
            self.db.tx,
            run=run,
            key=key,
            refunded_minor=refunded.minor,
            taken_back=part.taken_back,
            given_back=part.given_back,
            at=clock.now(),
            actor=context.current().actor,
        )
        if part.given_back:
            standing = await self._give_back(standing, sale, before.given_back, part.given_back)
        if part.taken_back:
            await self._take_back(standing, sale, part.taken_back)
        await self.repay(sale.account_id, sale.reference)
        return part

    async def would_reverse(self, *, run: str, refunded: Money) -> Reversal:
        sale = await reversals.sale_of(self.db.tx, run)
        if sale is None:
            return Reversal(taken_back=0, given_back=0)
        return _part(sale, await reversals.so_far(self.db.tx, run, ""), refunded)

    async def _give_back(
        self, standing: posting.Standing, sale: reversals.Sale, before: int, points: int
    ) -> posting.Standing:
        """What lapses last is given back first: those points are of use for longest."""
        at = clock.now()
        own = domain.available_account(sale.account_id)
        journal = await self.post(
            standing, "restore", sale.reference, [(domain.REDEEMED, -points), (own, points)]
        )
        spent = await reversals.spent_lots(self.db.tx, sale.run)
        lots = domain.lots_given_back(spent, before, points, at)
        await posting.add_lots(self.db.tx, sale.account_id, journal, [(new_id("lot"), lot) for lot in lots])
        return standing.moved(available=points)

    async def _take_back(self, standing: posting.Standing, sale: reversals.Sale, points: int) -> None:
        """From the very points that the purchase earned, then from the oldest; what is not there is owed from now on."""
        there = min(points, standing.available)
        own, owed = domain.available_account(sale.account_id), domain.owed_account(sale.account_id)
        issued = domain.issued_account(sale.run)
        journal = await self.post(
            standing, "reverse", sale.reference, [(own, -there), (owed, there - points), (issued, points)]
        )
        await posting.take_lots(self.db.tx, sale.account_id, journal, there, first=sale.lot_id)


def _part(sale: reversals.Sale, before: reversals.SoFar, refunded: Money) -> Reversal:
    so_far = before.refunded_minor + refunded.minor
    return Reversal(
        taken_back=domain.proportion(sale.earned, so_far, sale.net_paid_minor) - before.taken_back,
        given_back=domain.proportion(sale.redeemed, so_far, sale.net_paid_minor) - before.given_back,
    )
