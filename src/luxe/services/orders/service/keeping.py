"""What an exchange keeps of the first order's payment goes back together with the replacement's own."""

from __future__ import annotations

import msgspec

from luxe.kernel import clock
from luxe.services.orders.contract import KeptPart, Order, Refund
from luxe.services.orders.service.foundation import Foundation
from luxe.services.orders.store import exchanges, refunds


class Keeping(Foundation):
    async def with_kept(self, refund: Refund, order: Order) -> Refund:
        """All of an order's payment goes back: with it, if the order is a replacement, what was kept for it."""
        known = await exchanges.of_replacement(self.db.tx, order.id)
        if known is None:
            return refund
        if await exchanges.free(self.db.tx, known.kept_run):
            await exchanges.note_freed(self.db.tx, known.run, refund.run)
        elif known.freed_by != refund.run:
            return refund
        kept = await refunds.of_run(self.db.tx, known.kept_run)
        if kept is None or kept.state == "dropped":
            return refund
        part = KeptPart(
            run=kept.run,
            payment_run=kept.payment_run,
            amount=kept.amount,
            goods=kept.goods,
            gift=kept.gift,
        )
        return msgspec.structs.replace(refund, kept=part)

    async def keep_again(self, run: str) -> None:
        """It does not go back after all; harmless if this run freed nothing."""
        known = await exchanges.freed_by(self.db.tx, run)
        if known is not None:
            await exchanges.keep_again(self.db.tx, known.kept_run, clock.now())
            await exchanges.note_freed(self.db.tx, known.run, "")

    async def freed_run(self, run: str) -> str:
        """Under which run that lies which this run has freed; empty if it freed nothing."""
        known = await exchanges.freed_by(self.db.tx, run)
        return known.kept_run if known else ""
