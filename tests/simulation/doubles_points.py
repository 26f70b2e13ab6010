"""Loyalty in memory: double entry by the service's own rules of what points are worth, earned and reversed."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from luxe.kernel.errors import BadRequest, Conflict
from luxe.kernel.money import Money
from luxe.services.loyalty import domain
from luxe.services.loyalty.contract import PointsWorth, Reversal

BASE = "CNY"


class Journal(NamedTuple):
    kind: str
    run: str
    entries: tuple[tuple[str, int], ...]


class Held(NamedTuple):
    account_id: str
    points: int
    worth: Money
    state: str


class Sale(NamedTuple):
    account_id: str
    net_paid: Money
    earned: int
    redeemed: int


class Loyalty:
    def __init__(self) -> None:
        self.journals: list[Journal] = []
        self.balances: Counter[str] = Counter()
        self.holds: dict[str, Held] = {}
        self.sales: dict[str, Sale] = {}
        self.reversals: dict[tuple[str, str], tuple[int, Reversal]] = {}

    def give(self, account_id: str, points: int) -> None:
        self._post("adjust", "", (domain.available_account(account_id), points), (domain.ADJUSTED, -points))

    def _post(self, kind: str, run: str, *entries: tuple[str, int]) -> None:
        moved = tuple((account, points) for account, points in entries if points)
        if not moved:
            return
        self.journals.append(Journal(kind, run, moved))
        for account, points in moved:
            self.balances[account] += points

    def worth(self, *, points: int, currency: str) -> PointsWorth:
        return PointsWorth(points=points, worth=domain.worth(points, currency, BASE))

    def hold(self, *, run: str, account_id: str, points: int, total: Money) -> PointsWorth:
        if not points:
            return PointsWorth(points=0, worth=Money.zero(total.currency))
        if not 0 < points <= domain.most_points(total, BASE):
            raise Conflict("too many for this", code="points_invalid")
        known = self.holds.get(run)
        if known is not None:
            if known.state == "released" or known.account_id != account_id:
                raise Conflict("this run was given up", code="run_unknown")
            return PointsWorth(points=known.points, worth=known.worth)
        own, held = domain.available_account(account_id), domain.held_account(account_id)
        if self.balances[own] < points:
            raise Conflict("there are not so many points", code="points_short")
        self._post("hold", run, (own, -points), (held, points))
        worth = domain.worth(points, total.currency, BASE)
        self.holds[run] = Held(account_id, points, worth, "held")
        return PointsWorth(points=points, worth=worth)

    def release(self, *, run: str) -> None:
        known = self.holds.get(run)
        if known is None:
            self.holds[run] = Held("", 0, Money.zero(BASE), "released")
        elif known.state == "held":
            own, held = domain.available_account(known.account_id), domain.held_account(known.account_id)
            self._post("release", run, (held, -known.points), (own, known.points))
            self.holds[run] = known._replace(state="released")
            self._repay(known.account_id)

    def settle(
        self, *, run: str, account_id: str, reference: str, net_paid: Money, multiplier_percent: int
    ) -> int:
        if run in self.sales:
            return self.sales[run].earned
        known = self.holds.get(run)
        if known is not None and known.state == "released":
            raise Conflict("this run was given up", code="run_unknown")
        earned = domain.earned(net_paid, multiplier_percent, BASE)
        redeemed = 0 if known is None else known.points
        if not earned and known is None:
            return 0
        if known is not None:
            self._post(
                "redeem", run, (domain.held_account(account_id), -redeemed), (domain.REDEEMED, redeemed)
            )
            self.holds[run] = known._replace(state="settled")
        issued = domain.issued_account(run)
        self._post("earn", run, (issued, -earned), (domain.available_account(account_id), earned))
        self.sales[run] = Sale(account_id, net_paid, earned, redeemed)
        self._repay(account_id)
        return earned

    def reverse(self, *, run: str, key: str, refunded: Money) -> Reversal:
        if refunded.minor < 0 or not key:
            raise BadRequest("a refund is an amount above nothing", code="refund_invalid")
        sale = self.sales.get(run)
        if sale is None:
            if run in self.holds and self.holds[run].state == "held":
                raise Conflict("this run still holds its points", code="run_unsettled")
            return Reversal(taken_back=0, given_back=0)
        if (run, key) in self.reversals:
            amount, answer = self.reversals[run, key]
            if amount != refunded.minor:
                raise Conflict("this key reversed another amount", code="reversal_reused")
            return answer
        before = [each for (of, _), each in self.reversals.items() if of == run]
        so_far = sum(amount for amount, _ in before) + refunded.minor
        part = Reversal(
            taken_back=domain.proportion(sale.earned, so_far, sale.net_paid.minor)
            - sum(each.taken_back for _, each in before),
            given_back=domain.proportion(sale.redeemed, so_far, sale.net_paid.minor)
            - sum(each.given_back for _, each in before),
        )
        self.reversals[run, key] = refunded.minor, part
        own, owed = domain.available_account(sale.account_id), domain.owed_account(sale.account_id)
        self._post("restore", run, (domain.REDEEMED, -part.given_back), (own, part.given_back))
        there = min(part.taken_back, self.balances[own])
        self._post(
            "reverse",
            run,
            (own, -there),
            (owed, there - part.taken_back),
            (domain.issued_account(run), part.taken_back),
        )
        self._repay(sale.account_id)
        return part

    def _repay(self, account_id: str) -> None:
        own, owed = domain.available_account(account_id), domain.owed_account(account_id)
        points = min(-self.balances[owed], self.balances[own])
        self._post("repay", "", (own, -points), (owed, points))
