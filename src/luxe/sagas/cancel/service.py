"""Starting and watching cancellations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from luxe.kernel.errors import BadRequest, Conflict, NotFound
from luxe.kernel.house import House
from luxe.kernel.saga import Engine
from luxe.kernel.saga_again import PatientDesk
from luxe.kernel.saga_store import LIVE, RunRow
from luxe.kernel.saga_watch import LONGEST
from luxe.sagas.cancel.contract import LONGEST_REASON, CancelInput, CancelView
from luxe.sagas.cancel.flow import flow
from luxe.services.orders.contract import Port as OrdersPort


class Cancel(PatientDesk):
    """Runs of the cancel flow."""

    def __init__(self, house: House) -> None:
        self.db = house.database("cancel")
        self.orders = house.port(OrdersPort)
        self.engine = Engine(flow, house)

    async def start(
        self, *, key: str, by: str, order_id: str, reason: str, account_id: str = ""
    ) -> CancelView:
        why = reason.strip()
        if not why and not account_id:
            raise BadRequest("say why; the member is told", code="reason_missing")
        if len(why) > LONGEST_REASON:
            raise BadRequest(f"at most {LONGEST_REASON} characters", code="reason_too_long")
        order = await self.orders.order(order_id=order_id, account_id=account_id)
        if order.state != "paid" and await self.engine.find_by_key(by, key) is None:
            raise Conflict(f"the order is {order.state}", code="order_state", state=order.state)
        wanted = CancelInput(order_id=order.id, reason=why)
        return _seen(await self.engine.start(key=key, owner=by, input=wanted))

    async def view(self, *, run: str, account_id: str = "") -> CancelView:
        return _seen(_demand(await self.engine.find(run), account_id))

    async def watch(self, *, run: str, seconds: float, account_id: str = "") -> CancelView:
        row = await self.engine.wait(run, lambda row: row.state not in LIVE, min(seconds, LONGEST))
        return _seen(_demand(row, account_id))

    def subject(self, results: Mapping[str, Any], input: Mapping[str, Any]) -> str:
        """The order."""
        return input["order_id"]


def _demand(row: RunRow | None, account_id: str = "") -> RunRow:
    if row is None or (account_id and row.owner != account_id):
        raise NotFound("no such run", code="run_unknown")
    return row


def _seen(row: RunRow) -> CancelView:
    problem = row.problem or {}
    return CancelView(
        run=row.id,
        state=row.state,
        step=flow.steps[min(row.cursor, len(flow.steps) - 1)].name,
        order_id=row.input["order_id"],
        problem_code=problem.get("code", ""),
        problem=problem.get("detail", ""),
    )
