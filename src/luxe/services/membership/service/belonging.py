"""The annual plan, the membership it pays for, and its end."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from luxe.kernel import clock, errors
from luxe.kernel.money import Money
from luxe.services.membership import domain, store
from luxe.services.membership.contract import Benefit, Membership, MembershipActivated, MembershipLapsed, Plan
from luxe.services.membership.service.foundation import Foundation

RENEWABLE = timedelta(days=30)
LAPSING_AT_ONCE = 100
NUMBERS_TRIED = 8


class Belonging(Foundation):
    async def plan(self, *, currency: str) -> Plan:
        row = await store.plan_row(self.db.tx, currency)
        minor = row["fee_minor"] if row is not None else domain.PLAN_FEES.get(currency)
        if minor is None:
            raise errors.BadRequest(f"no plan is sold in {currency[:3]}", code="currency_unsupported")
        return Plan(
            id=f"{domain.PLAN_NAME}-{currency.lower()}",
            name=domain.PLAN_NAME,
            fee=Money(minor, currency),
            months=row["months"] if row is not None else domain.PLAN_MONTHS,
        )

    async def fee_due(self, *, account_id: str, currency: str) -> Plan:
        """A running membership is renewed in its last thirty days."""
        row = await store.membership(self.db.tx, account_id)
        if row is not None and row["state"] == "active" and row["until"] > clock.now() + RENEWABLE:
            raise errors.Conflict("the membership is paid for", code="already_member")
        if row is None and not await store.is_approved(self.db.tx, account_id):
            raise errors.Conflict("there is no approved application", code="not_approved")
        return await self.plan(currency=currency)

    async def activate(self, *, run: str, account_id: str, fee: Money) -> Membership:
        row = await store.membership(self.db.tx, account_id, lock=True)
        if row is None:
            row = await self._open(run, account_id)
        if not await store.was_activated(self.db.tx, run):
            await self._extend(row, run, fee)
        found = await self.membership_of(account_id=account_id)
        assert found is not None
        return found

    async def membership_of(self, *, account_id: str) -> Membership | None:
        now = clock.now()
        row = await store.standing(self.db.tx, account_id, now - domain.ROLLING_YEAR)
        if row is None:
            return None
        qualifying = Money(int(row["qualifying"]), self.base)
        higher = domain.next_tier(row["tier"])
        to_next = domain.threshold(higher, self.base, self.rates) - qualifying if higher else None
        return Membership(
            account_id=account_id,
            number=row["number"],
            tier=row["tier"],
            state="lapsed" if row["state"] == "active" and row["until"] <= now else row["state"],
            since=row["since"],
            until=row["until"],
            qualifying=qualifying,
            pending=Money(int(row["pending"]), self.base),
            next_tier=higher or "",
            to_next=max(to_next, Money.zero(self.base)) if to_next is not None else None,
            points_multiplier_percent=domain.MULTIPLIERS[row["tier"]],
            benefits=[
                Benefit(code=each.code, quota=each.quota, used=0) for each in domain.benefits_of(row["tier"])
            ],
        )

    async def lapse_memberships(self) -> bool:
        """Ends the membership of those whose paid time is over; True if there may be more."""
        lapsed = list(await store.lapse(self.db.tx, clock.now(), LAPSING_AT_ONCE))
        if lapsed:
            await self.moved("membership", lapsed, "active", "lapsed", reason="the paid time is over")
            self.db.emit(*(MembershipLapsed(account_id=account_id) for account_id in lapsed))
        return len(lapsed) == LAPSING_AT_ONCE

    async def _open(self, run: str, account_id: str) -> Any:
        """A membership that has not begun: `_extend` gives it its first year."""
        if not await store.is_approved(self.db.tx, account_id):
            raise errors.Conflict("there is no approved application", code="not_approved")
        at = clock.now()
        for _ in range(NUMBERS_TRIED):
            number = domain.member_number(secrets.randbelow(1_000_000))
            values = {"number": number, "tier": domain.TIERS[0], "state": "lapsed", "since": at, "until": at}
            fresh = await store.insert_membership(self.db.tx, values | {"account_id": account_id})
            row = await store.membership(self.db.tx, account_id, lock=True)
            if row is not None:
                if fresh:
                    await self.moved("tier", [account_id], "", domain.TIERS[0], reason="joined", run=run)
                return {**row, "state": ""} if fresh else row
        raise errors.Unavailable("no free membership number was found")

    async def _extend(self, row: Any, run: str, fee: Money) -> None:
        account_id, now = row["account_id"], clock.now()
        assert "active" in domain.MEMBERSHIP_MOVES[row["state"]]
        running: datetime | None = row["until"] if row["state"] == "active" else None
        months = (await self.plan(currency=fee.currency)).months
        begins, ends = domain.next_period(now, running, months)
        paid = {"run": run, "account_id": account_id, "fee_minor": fee.minor, "currency": fee.currency}
        await store.insert_activation(self.db.tx, paid | {"begins": begins, "ends": ends, "at": now})
        await store.set_membership(self.db.tx, account_id, state="active", until=ends)
        await self.moved("membership", [account_id], row["state"], "active", reason="fee paid", run=run)
        self.db.emit(
            MembershipActivated(
                account_id=account_id, tier=row["tier"], number=row["number"], until=ends, run=run
            )
        )
        self.db.audit("membership.activated", account_id, run=run, fee=fee, until=ends)
