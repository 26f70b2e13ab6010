"""Looking at edits beforehand, starting and watching them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from luxe.kernel.errors import BadRequest, NotFound
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.kernel.saga import Engine
from luxe.kernel.saga_again import PatientDesk
from luxe.kernel.saga_store import LIVE, RunRow
from luxe.kernel.saga_watch import LONGEST
from luxe.sagas.edit_order.contract import LONGEST_REASON, EditInput, EditPreview, EditView, WantedLine
from luxe.sagas.edit_order.flow import flow
from luxe.sagas.edit_order.steps.previewing import preview_of
from luxe.sagas.edit_order.steps.wishes import check_lines, check_unpacked, packed_units, wish_of
from luxe.services.loyalty.contract import Port as LoyaltyPort
from luxe.services.loyalty.contract import Reversal
from luxe.services.orders.contract import EditBegun
from luxe.services.orders.contract import Port as OrdersPort


class EditOrder(PatientDesk):
    """Runs of the edit_order flow."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.db = house.database("edit_order")
        self.orders = house.port(OrdersPort)
        self.loyalty = house.port(LoyaltyPort)
        self.engine = Engine(flow, house)

    async def preview(self, *, order_id: str, lines: list[WantedLine], account_id: str = "") -> EditPreview:
        check_lines(lines)
        order = await self.orders.order(order_id=order_id, account_id=account_id)
        if account_id:
            check_unpacked(order, lines, await packed_units(self.house, order))
        wish = await wish_of(self.house, order, lines)
        plan = await self.orders.plan_edit(order_id=order.id, lines=wish.lines, discounts=wish.discounts)
        points = Reversal(taken_back=0, given_back=0)
        if plan.goods.minor:
            points = await self.loyalty.would_reverse(run=order.run, refunded=plan.goods)
        return preview_of(order, plan, points)

    async def start(
        self,
        *,
        key: str,
        by: str,
        order_id: str,
        lines: list[WantedLine],
        reason: str,
        account_id: str = "",
        expected: Money | None = None,
    ) -> EditView:
        """What `preview` finds is said at once; the first step is sure of it."""
        why = reason.strip()
        if not why and not account_id:
            raise BadRequest("say why; the member is told", code="reason_missing")
        if len(why) > LONGEST_REASON:
            raise BadRequest(f"at most {LONGEST_REASON} characters", code="reason_too_long")
        check_lines(lines)
        order = await self.orders.order(order_id=order_id, account_id=account_id)
        if await self.engine.find_by_key(by, key) is None:
            await self.preview(order_id=order.id, lines=lines, account_id=account_id)
        wanted = EditInput(
            order_id=order.id, lines=lines, reason=why, account_id=account_id, expected=expected
        )
        return _seen(await self.engine.start(key=key, owner=by, input=wanted))

    async def view(self, *, run: str, account_id: str = "") -> EditView:
        return _seen(_demand(await self.engine.find(run), account_id))

    async def watch(self, *, run: str, seconds: float, account_id: str = "") -> EditView:
        row = await self.engine.wait(run, lambda row: row.state not in LIVE, min(seconds, LONGEST))
        return _seen(_demand(row, account_id))

    def subject(self, results: Mapping[str, Any], input: Mapping[str, Any]) -> str:
        """The order."""
        return input["order_id"]


def _demand(row: RunRow | None, account_id: str = "") -> RunRow:
    if row is None or (account_id and row.owner != account_id):
        raise NotFound("no such run", code="run_unknown")
    return row


def _seen(row: RunRow) -> EditView:
    problem = row.problem or {}
    begun = row.results.get("change")
    return EditView(
        run=row.id,
        state=row.state,
        step=flow.steps[min(row.cursor, len(flow.steps) - 1)].name,
        order_id=row.input["order_id"],
        refund=msgspec.convert(begun, EditBegun).refund.amount if begun else None,
        problem_code=problem.get("code", ""),
        problem=problem.get("detail", ""),
    )
