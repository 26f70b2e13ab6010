"""Units that come back: requested, decided, inspected, settled."""

from __future__ import annotations

import secrets

from luxe.kernel import clock, context, errors
from luxe.kernel.ids import is_id, new_id
from luxe.services.orders.contract import (
    Finding,
    Order,
    Refund,
    Return,
    ReturnMoved,
    ReturnPage,
    ReturnUnit,
    UnitRef,
)
from luxe.services.orders.domain import NUMBER_LENGTH, spell_number
from luxe.services.orders.domain.returns import (
    RETURNABLE,
    SETTLED,
    ReturnEvent,
    accepted_units,
    amount_of,
    is_all,
    return_target,
    taken_units,
    unknown_units,
)
from luxe.services.orders.service.foundation import wrong_state
from luxe.services.orders.service.refunding import Refunding
from luxe.services.orders.store import orders, refunds
from luxe.services.orders.store import returns as store

NUMBERS_TRIED = 5
MAX_RETURNS = 100
PREFIX = "RT-"


class Returning(Refunding):
    async def request_return(
        self, *, run: str, order_id: str, account_id: str, units: list[UnitRef], reason: str
    ) -> Return:
        order = await self.locked(order_id)
        if order.draft.account_id != account_id:
            raise errors.NotFound("there is no such order", code="order_unknown")
        if known := await store.find(self.db.tx, run=run):
            return _demand_alive(known)
        await self._check_wish(order, units)
        at = clock.now()
        for _ in range(NUMBERS_TRIED):
            wanted = Return(
                id=new_id("ret"),
                number=spell_number(secrets.randbits(5 * NUMBER_LENGTH), PREFIX),
                order_id=order.id,
                account_id=account_id,
                run=run,
                state="requested",
                reason=reason,
                decision="",
                units=[
                    ReturnUnit(variant_id=each.variant_id, serial=each.serial, accepted=None, condition="")
                    for each in units
                ],
                requested_at=at,
                changed_at=at,
            )
            if await store.insert_return(self.db.tx, wanted):
                await self._tell(wanted, reason)
                return wanted
        raise errors.Unavailable("no free return number was found")

    async def drop_return(self, *, run: str) -> None:
        await store.forbid(self.db.tx, run, clock.now())
        known = await store.find(self.db.tx, run=run)
        if known is not None and known.order_id:
            await self._moved(known, "withdraw", "")

    async def withdraw_return(self, *, return_id: str, account_id: str) -> Return:
        known = await self._known(return_id, account_id)
        if known.state == "inspected":
            raise _wrong_return(known)
        return await self._moved(known, "withdraw", "") or await self._stands(known, "withdraw")

    async def decide_return(self, *, return_id: str, approve: bool, reason: str) -> Return:
        why = reason.strip()
        if not approve and not why:
            raise errors.BadRequest("say why; the member is told", code="reason_missing")
        known = await self._known(return_id)
        event: ReturnEvent = "approve" if approve else "decline"
        moved = await self._moved(known, event, why)
        if moved is not None:
            self.db.audit("orders.return_decided", known.order_id, number=known.number, approved=approve)
        return moved or await self._stands(known, event)

    async def inspect_return(self, *, return_id: str, findings: list[Finding]) -> Return:
        known = await self._known(return_id)
        wanted = {(unit.variant_id, unit.serial) for unit in known.units}
        found = [(each.variant_id, each.serial) for each in findings]
        if set(found) != wanted or len(found) != len(wanted):
            raise errors.BadRequest("one finding for each unit of the return", code="findings_incomplete")
        if known.state != "approved":
            return await self._stands(known, "inspect")
        await store.note_findings(self.db.tx, return_id, findings)
        moved = await self._moved(known, "inspect", "")
        if moved is None:
            raise _wrong_return(await self._known(return_id))
        self.db.audit("orders.return_inspected", known.order_id, number=known.number, findings=findings)
        return moved

    async def set_return_aside(self, *, run: str) -> Refund | None:
        known = await self._of_run(run)
        order = await self.locked(known.order_id)
        if before := await self._set_aside_before(run, order.id):
            return await self.with_kept(before, order)
        if known.state != "inspected":
            raise _wrong_return(known)
        back = accepted_units([known])
        if not back:
            return None
        if order.state not in RETURNABLE:
            raise wrong_state(order)
        given = await refunds.of_order(self.db.tx, order.id)
        amount = amount_of(order.draft, given, back, await self._is_last(order, known))
        refund = await self._keep(run, order, given, amount, "return", known.number)
        return await self.with_kept(refund, order)

    async def finish_return(
        self, *, run: str, points_back: int, points_taken: int, kept_back: int = 0, kept_taken: int = 0
    ) -> None:
        known = await self._of_run(run)
        order = await self.locked(known.order_id)
        back = accepted_units([known])
        if await self._moved(known, "refund" if back else "refuse", "") is None:
            await self._stands(known, "refund" if back else "refuse")
            return
        if not back:
            return
        await self._finish(run, points_back, points_taken)
        await self._finish_kept(run, kept_back, kept_taken)
        last = await self._is_last(order, known)
        what = "returned" if last else "partly_returned"
        if await self.move(orders.is_order(order.id), "return_all" if last else "return_some", what) is None:
            raise wrong_state(order)
        await orders.unsell(self.db.tx, order.id, [serial for _, serial in back])

    async def return_of(self, *, return_id: str = "", run: str = "", account_id: str = "") -> Return:
        known = await store.find(self.db.tx, return_id=return_id, run=run, account_id=account_id)
        return _demand_known(known)

    async def returns(
        self, *, order_id: str = "", account_id: str = "", state: str = "", cursor: str = "", limit: int = 25
    ) -> ReturnPage:
        if cursor and not is_id(cursor, "ret"):
            raise errors.BadRequest("this is not a cursor of ours", code="cursor_invalid")
        size = max(1, min(limit, MAX_RETURNS))
        found = await store.newest(
            self.db.tx, order_id=order_id, account_id=account_id, state=state, before=cursor, limit=size + 1
        )
        page = found[:size]
        return ReturnPage(items=page, next=page[-1].id if len(found) > size else None)

    async def _check_wish(self, order: Order, units: list[UnitRef]) -> None:
        if order.state not in RETURNABLE:
            raise wrong_state(order)
        if not units:
            raise errors.BadRequest("name the units that go back", code="units_missing")
        wanted = {(unit.variant_id, unit.serial) for unit in units}
        if unknown := unknown_units(order.draft, units):
            raise errors.BadRequest("not of this order", code="unit_unknown", serials=unknown)
        taken = taken_units(await store.of_order(self.db.tx, order.id))
        if len(wanted) < len(units) or wanted & taken:
            raise errors.Conflict("a unit is in another return", code="unit_returned")

    async def _is_last(self, order: Order, known: Return) -> bool:
        """Whether with this return all units of the order are back."""
        before = [each for each in await store.of_order(self.db.tx, order.id) if each.state in SETTLED]
        return is_all(order.draft, accepted_units([*before, known]))

    async def _known(self, return_id: str, account_id: str = "") -> Return:
        return _demand_known(await store.find(self.db.tx, return_id=return_id, account_id=account_id))

    async def _of_run(self, run: str) -> Return:
        return _demand_known(await store.find(self.db.tx, run=run))

    async def _stands(self, known: Return, event: ReturnEvent) -> Return:
        """The return as it is now, if that has happened to it already."""
        now = await self._known(known.id)
        if now.state != return_target(event):
            raise _wrong_return(now)
        return now

    async def _moved(self, known: Return, event: ReturnEvent, decision: str) -> Return | None:
        if not await store.move(self.db.tx, known.id, event, clock.now(), decision):
            return None
        moved = await self._known(known.id)
        await self._tell(moved, decision)
        return moved

    async def _tell(self, moved: Return, note: str) -> None:
        moment = orders.Moment(what=f"return_{moved.state}", note=note)
        at, actor = clock.now(), context.current().actor
        await orders.note(self.db.tx, moved.order_id, moment, at, actor)
        self.db.emit(
            ReturnMoved(
                return_id=moved.id,
                order_id=moved.order_id,
                account_id=moved.account_id,
                number=moved.number,
                run=moved.run,
                state=moved.state,
                reason=note,
            )
        )


def _demand_known(known: Return | None) -> Return:
    if known is None or not known.order_id:
        raise errors.NotFound("there is no such return", code="return_unknown")
    return known


def _demand_alive(known: Return) -> Return:
    if not known.order_id:
        raise errors.Conflict("this run was given up", code="run_over")
    return known


def _wrong_return(known: Return) -> errors.Conflict:
    return errors.Conflict(f"the return is {known.state}", code="return_state", state=known.state)
