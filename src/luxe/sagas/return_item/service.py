"""Asking for returns, and watching them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from luxe.kernel import clock
from luxe.kernel.errors import BadRequest, Conflict, Gone, NotFound
from luxe.kernel.house import House
from luxe.kernel.saga import Engine
from luxe.kernel.saga_again import PatientDesk
from luxe.kernel.saga_store import LIVE, RunRow
from luxe.kernel.saga_watch import LONGEST
from luxe.sagas.return_item.contract import LONGEST_REASON, RETURN_DAYS, ReturnInput, ReturnView, Window
from luxe.sagas.return_item.flow import flow
from luxe.services.membership.contract import Port as MembershipPort
from luxe.services.orders.contract import Order, UnitRef
from luxe.services.orders.contract import Port as OrdersPort


class ReturnItem(PatientDesk):
    """Runs of the return flow."""

    def __init__(self, house: House) -> None:
        self.db = house.database("return_item")
        self.orders = house.port(OrdersPort)
        self.membership = house.port(MembershipPort)
        self.engine = Engine(flow, house)

    async def start(
        self, *, key: str, account_id: str, order_id: str, units: list[UnitRef], reason: str
    ) -> ReturnView:
        why = reason.strip()
        if not why:
            raise BadRequest("say why", code="reason_missing")
        if len(why) > LONGEST_REASON:
            raise BadRequest(f"at most {LONGEST_REASON} characters", code="reason_too_long")
        order = await self.orders.order(order_id=order_id, account_id=account_id)
        if await self.engine.find_by_key(account_id, key) is None:
            await self._check_wish(order, units)
        wanted = ReturnInput(order_id=order.id, account_id=account_id, units=units, reason=why)
        return _seen(await self.engine.start(key=key, owner=account_id, input=wanted))

    async def view(self, *, run: str, account_id: str = "") -> ReturnView:
        return _seen(_demand(await self.engine.find(run), account_id))

    async def watch(self, *, run: str, seconds: float, account_id: str = "") -> ReturnView:
        row = await self.engine.wait(run, _rests, min(seconds, LONGEST))
        return _seen(_demand(row, account_id))

    async def window(self, *, order_id: str, account_id: str) -> Window:
        order = await self.orders.order(order_id=order_id, account_id=account_id)
        until = await self._until(order)
        if until is None or clock.now() > until:
            return Window(until=until, units=[])
        taken = await self._taken(order)
        units = [
            UnitRef(variant_id=line.variant_id, serial=serial)
            for line in order.draft.lines
            for serial in line.serials
            if (line.variant_id, serial) not in taken
        ]
        return Window(until=until, units=units)

    async def moved(self, *, run: str, state: str) -> None:
        """Orders say that the return came into this state."""
        await self.engine.signal(run, state, True)

    async def _check_wish(self, order: Order, units: list[UnitRef]) -> None:
        """Says at once what the first step would find, and keeps the window."""
        if not units:
            raise BadRequest("name the units that go back", code="units_missing")
        until = await self._until(order)
        if until is None or order.state == "returned":
            raise Conflict(f"the order is {order.state}", code="order_state", state=order.state)
        if clock.now() > until:
            raise Gone("the time to return it has passed", code="return_window_over", until=until.isoformat())
        known = {(line.variant_id, serial) for line in order.draft.lines for serial in line.serials}
        wanted = [(unit.variant_id, unit.serial) for unit in units]
        if not known.issuperset(wanted):
            raise BadRequest("not of this order", code="unit_unknown")
        if len(set(wanted)) < len(wanted) or not set(wanted).isdisjoint(await self._taken(order)):
            raise Conflict("a unit is in another return", code="unit_returned")

    async def _until(self, order: Order) -> datetime | None:
        delivered = next((entry.at for entry in order.timeline if entry.what == "delivered"), None)
        if delivered is None:
            return None
        membership = await self.membership.membership_of(account_id=order.draft.account_id)
        tier = membership.tier if membership is not None and membership.state == "active" else "silver"
        return delivered + timedelta(days=RETURN_DAYS[tier])

    async def _taken(self, order: Order) -> set[tuple[str, str]]:
        """Units that came back, or are about to."""
        found = await self.orders.returns(order_id=order.id, limit=100)
        return {
            (unit.variant_id, unit.serial)
            for each in found.items
            if each.state not in ("declined", "withdrawn", "refused")
            for unit in each.units
            if unit.accepted is not False
        }

    def subject(self, results: Mapping[str, Any], input: Mapping[str, Any]) -> str:
        """The order."""
        return input["order_id"]


def _demand(row: RunRow | None, account_id: str = "") -> RunRow:
    if row is None or (account_id and row.owner != account_id):
        raise NotFound("no such run", code="run_unknown")
    return row


def _rests(row: RunRow) -> bool:
    """Whether the run has ended, or waits for a person."""
    waits = flow.steps[min(row.cursor, len(flow.steps) - 1)].name in ("decision", "inspection")
    return row.state not in LIVE or (waits and row.lease_owner is None)


def _seen(row: RunRow) -> ReturnView:
    problem = row.problem or {}
    return ReturnView(
        run=row.id,
        state=row.state,
        step=flow.steps[min(row.cursor, len(flow.steps) - 1)].name,
        order_id=row.input["order_id"],
        return_id=row.results.get("request", {}).get("id", ""),
        problem_code=problem.get("code", ""),
        problem=problem.get("detail", ""),
    )
