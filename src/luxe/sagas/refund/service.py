"""Starting and watching partial refunds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from luxe.kernel.errors import BadRequest, Conflict, NotFound
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.kernel.saga import Engine
from luxe.kernel.saga_again import PatientDesk
from luxe.kernel.saga_store import LIVE, RunRow
from luxe.kernel.saga_watch import LONGEST
from luxe.sagas.refund.contract import LONGEST_REASON, Kind, RefundInput, RefundView
from luxe.sagas.refund.flow import flow
from luxe.services.orders.contract import Order
from luxe.services.orders.contract import Port as OrdersPort


class Refunding(PatientDesk):
    """Runs of the refund flow."""

    def __init__(self, house: House) -> None:
        self.db = house.database("refund")
        self.orders = house.port(OrdersPort)
        self.engine = Engine(flow, house)

    async def start(
        self, *, key: str, by: str, order_id: str, amount: Money, kind: Kind, reason: str
    ) -> RefundView:
        why = reason.strip()
        if not why:
            raise BadRequest("say why; the member is told", code="reason_missing")
        if len(why) > LONGEST_REASON:
            raise BadRequest(f"at most {LONGEST_REASON} characters", code="reason_too_long")
        order = await self.orders.order(order_id=order_id)
        if await self.engine.find_by_key(by, key) is None:
            await self._demand_left(order, amount)
        wanted = RefundInput(order_id=order.id, amount=amount, kind=kind, reason=why)
        return _seen(await self.engine.start(key=key, owner=by, input=wanted))

    async def _demand_left(self, order: Order, amount: Money) -> None:
        """Says at once what the first step would find; that one is sure of it."""
        if order.paid_at is None or order.state in ("cancelling", "cancelled"):
            raise Conflict(f"the order is {order.state}", code="order_state", state=order.state)
        paid = order.draft.paid
        if amount.currency != paid.currency or amount.minor <= 0:
            raise BadRequest(f"an amount above zero in {paid.currency}", code="refund_invalid")
        given = await self.orders.refunds(order_id=order.id)
        left = paid - sum((each.amount for each in given if each.of_the_order), Money.zero(paid.currency))
        if amount > left:
            raise Conflict(
                "that is more than is left", code="refund_too_much", left=msgspec.to_builtins(left)
            )

    async def view(self, *, run: str) -> RefundView:
        return _seen(_demand(await self.engine.find(run)))

    async def watch(self, *, run: str, seconds: float) -> RefundView:
        row = await self.engine.wait(run, lambda row: row.state not in LIVE, min(seconds, LONGEST))
        return _seen(_demand(row))

    def subject(self, results: Mapping[str, Any], input: Mapping[str, Any]) -> str:
        """The order."""
        return input["order_id"]


def _demand(row: RunRow | None) -> RunRow:
    if row is None:
        raise NotFound("no such run", code="run_unknown")
    return row


def _seen(row: RunRow) -> RefundView:
    problem = row.problem or {}
    return RefundView(
        run=row.id,
        state=row.state,
        step=flow.steps[min(row.cursor, len(flow.steps) - 1)].name,
        order_id=row.input["order_id"],
        amount=Money(**row.input["amount"]),
        problem_code=problem.get("code", ""),
        problem=problem.get("detail", ""),
    )
