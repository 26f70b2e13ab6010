"""Orders in memory: moved along the service's own tables of transitions, refunds split by the service's own rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from luxe.kernel import clock, errors
from luxe.kernel.errors import Conflict
from luxe.kernel.facts import Fact
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.orders.contract import (
    Address,
    Finding,
    Order,
    OrderDraft,
    Refund,
    Return,
    ReturnMoved,
    ReturnPage,
    ReturnUnit,
    TimelineEntry,
    UnitRef,
)
from luxe.services.orders.domain import Event, problems_of, sources, target
from luxe.services.orders.domain.refunds import REFUNDABLE, gift_part, goods_part, left
from luxe.services.orders.domain.returns import (
    OVER,
    RETURNABLE,
    ReturnEvent,
    accepted_units,
    amount_of,
    is_all,
    return_sources,
    return_target,
    taken_units,
    unknown_units,
)

replace = msgspec.structs.replace


class Orders:
    def __init__(self, emit: Callable[[Fact], None]) -> None:
        self.emit = emit
        self.by_run: dict[str, Order] = {}
        self.intents: dict[str, str] = {}
        self.sold: dict[str, str] = {}
        self.given: dict[str, Refund | None] = {}
        self.returned: dict[str, Return | None] = {}

    def _of(self, order_id: str) -> Order:
        found = next((each for each in self.by_run.values() if each.id == order_id), None)
        if found is None:
            raise errors.NotFound("there is no such order", code="order_unknown")
        return found

    def _move(self, order: Order, event: Event, **change: Any) -> Order | None:
        if order.state not in sources(event):
            return None
        moved = self.by_run[order.run] = replace(order, state=target(event), **change)
        return moved

    def check_address(self, *, address: Address) -> Address:
        return address

    def place(self, *, run: str, draft: OrderDraft) -> Order:
        problems = problems_of(draft)
        assert not problems, problems
        known = self.by_run.get(run)
        if known is None:
            known = self.by_run[run] = Order(
                id=new_id("ord"),
                number=f"LX-{len(self.by_run):08}",
                state="placed",
                draft=draft,
                run=run,
                points_earned=0,
                placed_at=clock.now(),
                paid_at=None,
                timeline=[],
            )
        return known

    def mark_paid(
        self, *, run: str, intent_id: str, points_earned: int, serials: dict[str, list[str]]
    ) -> Order:
        order = self.by_run[run]
        lines = [replace(line, serials=serials.get(line.variant_id, [])) for line in order.draft.lines]
        if order.state == "placed":
            for serial in (each for line in lines for each in line.serials):
                assert self.sold.setdefault(serial, order.id) == order.id, f"{serial} is in two live orders"
        paid = self._move(
            order,
            "pay",
            draft=replace(order.draft, lines=lines),
            points_earned=points_earned,
            paid_at=clock.now(),
        )
        if paid is None:
            if order.paid_at is None or self.intents[run] != intent_id or order.state != "paid":
                raise _wrong(order)
            return order
        self.intents[run] = intent_id
        return paid

    def cancel(self, *, run: str, reason: str) -> None:
        order = self.by_run.get(run)
        if order is not None and self._move(order, "cancel") is None and order.state != "cancelled":
            raise _wrong(order)

    def order(self, *, order_id: str, account_id: str = "") -> Order:
        found = self._of(order_id)
        if account_id and found.draft.account_id != account_id:
            raise errors.NotFound("there is no such order", code="order_unknown")
        return found

    def order_of_run(self, *, run: str) -> Order | None:
        return self.by_run.get(run)

    def ship(self, *, order_id: str) -> Order:
        return self._move(self._of(order_id), "ship") or self._of(order_id)

    def deliver(self, *, order_id: str) -> Order:
        order = self._of(order_id)
        entry = TimelineEntry(at=clock.now(), what="delivered", actor="", note="")
        return self._move(order, "deliver", timeline=[*order.timeline, entry]) or order

    # What goes back

    def refunds(self, *, order_id: str) -> list[Refund]:
        return [
            each
            for each in self.given.values()
            if each and each.order_id == order_id and each.state != "dropped"
        ]

    def _set_aside_before(self, run: str) -> Refund | None:
        if run not in self.given:
            return None
        known = self.given[run]
        if known is None or known.state == "dropped":
            raise Conflict("this run was given up", code="run_over")
        return known

    def _keep(self, run: str, order: Order, amount: Money, kind: Any, reason: str) -> Refund:
        given = self.refunds(order_id=order.id)
        kept = Refund(
            id=new_id("rfd"),
            order_id=order.id,
            run=run,
            payment_run=order.run,
            kind=kind,
            state="pending",
            amount=amount,
            goods=goods_part(order.draft, given, amount),
            reason=reason,
            points_back=0,
            points_taken=0,
            at=clock.now(),
            done_at=None,
            gift=gift_part(order.draft, given, amount),
        )
        self.given[run] = kept
        return kept

    def begin_cancelling(self, *, run: str, order_id: str, reason: str) -> Refund:
        order = self._of(order_id)
        if known := self._set_aside_before(run):
            return known
        if order.state not in sources("close"):
            raise _wrong(order)
        given = self.refunds(order_id=order_id)
        if any(each.state == "pending" for each in given):
            raise Conflict("money is on its way back", code="refund_under_way")
        self._move(order, "close")
        return self._keep(run, order, left(order.draft, given), "cancellation", reason)

    def reopen(self, *, run: str) -> None:
        dropped = self._drop(run)
        if dropped is not None and self._move(self._of(dropped.order_id), "reopen") is None:
            raise _wrong(self._of(dropped.order_id))

    def finish_cancelling(
        self, *, run: str, points_back: int, points_taken: int, kept_back: int = 0, kept_taken: int = 0
    ) -> None:
        done = self._finish(run, points_back, points_taken)
        if done is None:
            return
        order = self._of(done.order_id)
        if self._move(order, "finish") is None:
            raise _wrong(order)
        self._unsell({serial for line in order.draft.lines for serial in line.serials})

    def set_aside(self, *, run: str, order_id: str, amount: Money, kind: Any, reason: str) -> Refund:
        order = self._of(order_id)
        if known := self._set_aside_before(run):
            return known
        if order.state not in REFUNDABLE:
            raise _wrong(order)
        if amount > left(order.draft, self.refunds(order_id=order_id)):
            raise Conflict("that is more than is left", code="refund_too_much")
        return self._keep(run, order, amount, kind, reason)

    def drop_refund(self, *, run: str) -> None:
        self._drop(run)

    def finish_refund(self, *, run: str, points_back: int, points_taken: int) -> None:
        self._finish(run, points_back, points_taken)

    def _drop(self, run: str) -> Refund | None:
        known = self.given.setdefault(run, None)
        if known is None or known.state != "pending":
            return None
        self.given[run] = replace(known, state="dropped")
        return known

    def _finish(self, run: str, points_back: int, points_taken: int) -> Refund | None:
        known = self.given.get(run)
        if known is None or known.state == "dropped":
            raise Conflict("this run gives nothing back", code="run_over")
        if known.state == "done":
            return None
        self.given[run] = replace(
            known, state="done", points_back=points_back, points_taken=points_taken, done_at=clock.now()
        )
        return known

    def _unsell(self, serials: set[str]) -> None:
        for serial in serials:
            self.sold.pop(serial, None)

    # Returns

    def request_return(
        self, *, run: str, order_id: str, account_id: str, units: list[UnitRef], reason: str
    ) -> Return:
        order = self.order(order_id=order_id, account_id=account_id)
        if run in self.returned:
            return self._alive(run)
        if order.state not in RETURNABLE:
            raise _wrong(order)
        assert units
        assert not unknown_units(order.draft, units)
        wanted = {(unit.variant_id, unit.serial) for unit in units}
        if wanted & taken_units(self._returns_of(order_id)):
            raise Conflict("a unit is in another return", code="unit_returned")
        made = Return(
            id=new_id("ret"),
            number=f"RT-{len(self.returned):08}",
            order_id=order_id,
            account_id=account_id,
            run=run,
            state="requested",
            reason=reason,
            decision="",
            units=[
                ReturnUnit(variant_id=unit.variant_id, serial=unit.serial, accepted=None, condition="")
                for unit in units
            ],
            requested_at=clock.now(),
            changed_at=clock.now(),
        )
        self.returned[run] = made
        self._say(made)
        return made

    def _alive(self, run: str) -> Return:
        known = self.returned.get(run)
        if known is None:
            raise Conflict("this run was given up", code="run_over")
        return known

    def _returns_of(self, order_id: str) -> list[Return]:
        return [each for each in self.returned.values() if each and each.order_id == order_id]

    def _turn(self, known: Return, event: ReturnEvent, **change: Any) -> Return | None:
        if known.state not in return_sources(event):
            return None
        moved = replace(known, state=return_target(event), changed_at=clock.now(), **change)
        self.returned[known.run] = moved
        self._say(moved)
        return moved

    def _say(self, moved: Return) -> None:
        self.emit(
            ReturnMoved(
                return_id=moved.id,
                order_id=moved.order_id,
                account_id=moved.account_id,
                number=moved.number,
                run=moved.run,
                state=moved.state,
                reason="",
            )
        )

    def drop_return(self, *, run: str) -> None:
        known = self.returned.setdefault(run, None)
        if known is not None:
            self._turn(known, "withdraw")

    def decide_return(self, *, return_id: str, approve: bool, reason: str) -> Return:
        known = self.return_of(return_id=return_id)
        moved = self._turn(known, "approve" if approve else "decline")
        if moved is None:
            raise Conflict(f"the return is {known.state}", code="return_state")
        return moved

    def withdraw_return(self, *, return_id: str, account_id: str) -> Return:
        known = self.return_of(return_id=return_id)
        moved = None if known.state == "inspected" else self._turn(known, "withdraw")
        if moved is None:
            raise Conflict(f"the return is {known.state}", code="return_state")
        return moved

    def inspect_return(self, *, return_id: str, findings: list[Finding]) -> Return:
        known = self.return_of(return_id=return_id)
        found = {(each.variant_id, each.serial): each for each in findings}
        units = [
            replace(
                unit,
                accepted=found[unit.variant_id, unit.serial].accepted,
                condition=found[unit.variant_id, unit.serial].condition,
            )
            for unit in known.units
        ]
        moved = self._turn(known, "inspect", units=units)
        if moved is None:
            raise Conflict(f"the return is {known.state}", code="return_state")
        return moved

    def set_return_aside(self, *, run: str) -> Refund | None:
        known = self._alive(run)
        order = self._of(known.order_id)
        if before := self._set_aside_before(run):
            return before
        if known.state != "inspected":
            raise Conflict(f"the return is {known.state}", code="return_state")
        back = accepted_units([known])
        if not back:
            return None
        if order.state not in RETURNABLE:
            raise _wrong(order)
        given = self.refunds(order_id=order.id)
        amount = amount_of(order.draft, given, back, self._is_last(order, known))
        return self._keep(run, order, amount, "return", known.number)

    def finish_return(
        self, *, run: str, points_back: int, points_taken: int, kept_back: int = 0, kept_taken: int = 0
    ) -> None:
        known = self._alive(run)
        order = self._of(known.order_id)
        back = accepted_units([known])
        if self._turn(known, "refund" if back else "refuse") is None:
            assert known.state == ("refunded" if back else "refused"), known.state
            return
        if back:
            self._finish(run, points_back, points_taken)
            assert self._move(order, "return_all" if self._is_last(order, known) else "return_some")
            self._unsell({serial for _, serial in back})

    def _is_last(self, order: Order, known: Return) -> bool:
        before = [each for each in self._returns_of(order.id) if each.state == "refunded"]
        return is_all(order.draft, accepted_units([*before, known]))

    def return_of(self, *, return_id: str = "", run: str = "", account_id: str = "") -> Return:
        for known in self.returned.values():
            if known is not None and (known.id == return_id or known.run == run):
                return known
        raise errors.NotFound("there is no such return", code="return_unknown")

    def returns(self, *, order_id: str = "", limit: int = 25, **_: Any) -> ReturnPage:
        return ReturnPage(items=self._returns_of(order_id), next=None)

    def open_returns(self) -> list[Return]:
        return [each for each in self.returned.values() if each and each.state not in (*OVER, "refunded")]


def _wrong(order: Order) -> Conflict:
    return Conflict(f"the order is {order.state}", code="order_state", state=order.state)
