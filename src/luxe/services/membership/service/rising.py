"""Spend, and the tiers that it earns."""

from __future__ import annotations

from typing import Any

from luxe.kernel import clock
from luxe.kernel.money import Money
from luxe.services.membership import domain, store
from luxe.services.membership.contract import Tier, TierChanged
from luxe.services.membership.service.belonging import Belonging
from luxe.services.membership.service.foundation import move_row

MATURING_AT_ONCE = 100
RISES = "qualifying spend"
"""The reason of a rise."""


class Rising(Belonging):
    async def count_spend(self, *, order_id: str, account_id: str, paid: Money) -> None:
        """Notes what was paid for an order; it qualifies once the return window has passed. Once for each order."""
        now = clock.now()
        counted = domain.in_currency(paid, self.base, self.rates)
        values = {
            "order_id": order_id,
            "account_id": account_id,
            "state": "pending",
            "paid_minor": paid.minor,
            "currency": paid.currency,
            "base_minor": counted.minor if counted is not None else 0,
            "paid_at": now,
            "matures_at": now + domain.RETURN_WINDOW,
        }
        fresh = await store.insert_spend(
            self.db.tx, values, move_row("spend", order_id, before="", after="pending")
        )
        if not fresh:
            await self._fill_in(order_id, values)

    async def reduce_spend(self, *, order_id: str, account_id: str, refund_id: str, back: Money) -> None:
        """Takes what went back of an order out of what counts: what is left of it counts on. Once for each refund, also if
        it is heard of before the order itself is."""
        now = clock.now()
        values = {
            "refund_id": refund_id,
            "order_id": order_id,
            "minor": back.minor,
            "currency": back.currency,
        }
        if not back.minor or not await store.insert_refund(self.db.tx, values | {"at": now}):
            return
        awaited = {
            "order_id": order_id,
            "account_id": account_id,
            "state": "pending",
            "paid_minor": 0,
            "currency": back.currency,
            "base_minor": 0,
            "paid_at": now,
            "matures_at": now + domain.RETURN_WINDOW,
        }
        await store.insert_spend(self.db.tx, awaited, move_row("spend", order_id, before="", after="pending"))
        row = await store.lock_spend(self.db.tx, order_id)
        assert row is not None
        await self._count_what_is_left(order_id, Money(row["paid_minor"], row["currency"]))
        await self.moved(
            "spend",
            [order_id],
            row["state"],
            row["state"],
            reason="refunded",
            refund=refund_id,
            minor=back.minor,
        )
        if row["state"] == "qualifying":
            await self._fall(row["account_id"], order_id)

    async def _fill_in(self, order_id: str, values: dict[str, Any]) -> None:
        """An order of which only refunds were heard until now."""
        row = await store.lock_spend(self.db.tx, order_id)
        if row is None or row["state"] == "reversed" or row["paid_minor"]:
            return
        known = {name: values[name] for name in ("paid_minor", "currency", "paid_at", "matures_at")}
        await store.change_spend(self.db.tx, order_id, **known)
        await self._count_what_is_left(order_id, Money(values["paid_minor"], values["currency"]))

    async def _count_what_is_left(self, order_id: str, paid: Money) -> None:
        """Converted as a whole, so that the rounding of parts never adds up."""
        back = await store.refunded(self.db.tx, order_id)
        left = Money(max(paid.minor - back, 0), paid.currency)
        counted = domain.in_currency(left, self.base, self.rates)
        await store.change_spend(
            self.db.tx,
            order_id,
            refunded_minor=back,
            base_minor=counted.minor if counted is not None else 0,
        )

    async def reverse_spend(self, *, order_id: str, account_id: str) -> None:
        """Takes a cancelled order out of what counts, also if the cancellation is heard of first."""
        now = clock.now()
        nothing = {"paid_minor": 0, "currency": self.base, "base_minor": 0, "paid_at": now, "matures_at": now}
        values = nothing | {"order_id": order_id, "account_id": account_id, "state": "reversed"}
        first = move_row("spend", order_id, before="", after="reversed")
        if await store.insert_spend(self.db.tx, values, first):
            return
        row = await store.lock_spend(self.db.tx, order_id)
        if row is None or "reversed" not in domain.SPEND_MOVES[row["state"]]:
            return
        await store.set_spend(self.db.tx, [order_id], "reversed")
        await self.moved("spend", [order_id], row["state"], "reversed")
        if row["state"] == "qualifying":
            await self._fall(row["account_id"], order_id)

    async def mature_spend(self) -> bool:
        """Lets spend past its return window qualify, and members rise by it; True if there may be more."""
        rows = await store.maturing(self.db.tx, clock.now(), MATURING_AT_ONCE)
        if rows:
            orders = [row["order_id"] for row in rows]
            await store.set_spend(self.db.tx, orders, "qualifying")
            await self.moved("spend", orders, "pending", "qualifying", reason="the return window has passed")
        for account_id in sorted({row["account_id"] for row in rows}):
            await self._rise(account_id)
        return len(rows) == MATURING_AT_ONCE

    async def _rise(self, account_id: str) -> None:
        row = await store.membership(self.db.tx, account_id, lock=True)
        if row is None:
            return
        earned, evidence = await self._earned(account_id)
        if domain.TIERS.index(earned) > domain.TIERS.index(row["tier"]):
            await self._change_tier(account_id, row["tier"], earned, RISES, evidence)

    async def _fall(self, account_id: str, order_id: str) -> None:
        """A rise that rested on an order taken back is taken back as well, as far as other spend does not carry it."""
        row = await store.membership(self.db.tx, account_id, lock=True)
        rise = await store.first_rise_on(self.db.tx, account_id, order_id, RISES)
        if row is None or rise is None:
            return
        earned, evidence = await self._earned(account_id)
        kept = domain.higher(earned, domain.tier_named(rise["before"]))
        if domain.TIERS.index(kept) < domain.TIERS.index(row["tier"]):
            await self._change_tier(
                account_id, row["tier"], kept, "an order was taken back", evidence | {"order": order_id}
            )

    async def _earned(self, account_id: str) -> tuple[Tier, dict[str, object]]:
        sums = await store.totals(self.db.tx, account_id, clock.now() - domain.ROLLING_YEAR)
        qualifying = Money(int(sums["qualifying"]), self.base)
        return domain.tier_for(qualifying, self.rates), {
            "qualifying": qualifying,
            "orders": list(sums["orders"]),
        }

    async def _change_tier(
        self, account_id: str, before: Tier, after: Tier, reason: str, evidence: dict[str, object]
    ) -> None:
        await store.set_membership(self.db.tx, account_id, tier=after)
        await self.moved("tier", [account_id], before, after, reason=reason, **evidence)
        self.db.emit(TierChanged(account_id=account_id, before=before, after=after))
        self.db.audit("membership.tier_changed", account_id, before=before, after=after, reason=reason)
