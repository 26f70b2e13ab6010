"""Units that come back for another piece: requested and inspected like any return, and settled by a replacement."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from luxe.kernel import clock, context, errors
from luxe.kernel.ids import new_id
from luxe.kernel.money import Money
from luxe.services.orders.contract import (
    NOT_KEPT,
    Exchange,
    ExchangeOwes,
    ExchangeTerms,
    Order,
    OrderTax,
    Refund,
    Return,
    UnitRef,
    WantedPiece,
)
from luxe.services.orders.domain.exchanges import replacement_of, terms_of
from luxe.services.orders.domain.refunds import gift_part, goods_part
from luxe.services.orders.domain.returns import RETURNABLE, accepted_units, amount_of
from luxe.services.orders.service.foundation import demand_order, wrong_state
from luxe.services.orders.service.placing import Placing
from luxe.services.orders.service.returning import Returning
from luxe.services.orders.store import exchanges as store
from luxe.services.orders.store import orders, refunds, returns


class Exchanging(Returning, Placing):
    async def request_exchange(
        self, *, run: str, order_id: str, account_id: str, unit: UnitRef, wanted: WantedPiece, reason: str
    ) -> Return:
        if wanted.price.minor < 0:
            raise errors.BadRequest("a piece costs something", code="wanted_invalid")
        order = await self.locked(order_id)
        if wanted.price.currency != order.draft.payable.currency:
            raise errors.BadRequest("a price in the order's currency", code="wanted_invalid")
        if await store.of_replacement(self.db.tx, order_id):
            raise errors.Conflict("a replacement is not exchanged again", code="exchanged_before")
        known = await store.find(self.db.tx, run)
        returned = await self.request_return(
            run=run, order_id=order_id, account_id=account_id, units=[unit], reason=reason
        )
        if known is None:
            await store.insert_exchange(self.db.tx, returned, wanted)
        return returned

    async def drop_exchange(self, *, run: str) -> None:
        known = await returns.find(self.db.tx, run=run)
        if known is not None and known.order_id:
            if known.state == "inspected" and not accepted_units([known]):
                await self._moved(known, "refuse", "")
            elif known.state == "approved":
                await self._moved(known, "decline", NOT_KEPT)
        await self.drop_return(run=run)

    async def begin_exchange(self, *, run: str) -> ExchangeTerms:
        returned = await self._of_run(run)
        known = await self._exchange(run)
        order = await self.locked(known.order_id)
        set_aside = await self._set_aside_before(run, order.id)
        given = [each for each in await refunds.of_order(self.db.tx, order.id) if each.run != run]
        unit = UnitRef(variant_id=returned.units[0].variant_id, serial=returned.units[0].serial)
        terms = terms_of(order, given, unit, known.wanted)
        if set_aside is not None:
            return terms
        if returned.state != "inspected" or not accepted_units([returned]):
            raise errors.Conflict(
                f"the return is {returned.state}", code="return_state", state=returned.state
            )
        if order.state not in RETURNABLE:
            raise wrong_state(order)
        await self._keep(run, order, given, terms.credit, "exchange", returned.number)
        return terms

    async def note_difference(self, *, run: str, owed: Money, until: datetime) -> None:
        if await store.note_owed(self.db.tx, run, owed, until):
            returned = await self._of_run(run)
            self.db.emit(
                ExchangeOwes(
                    return_id=returned.id,
                    order_id=returned.order_id,
                    account_id=returned.account_id,
                    number=returned.number,
                    owed=owed,
                    until=until,
                )
            )

    async def place_replacement(
        self, *, run: str, payment_run: str, taxes: list[OrderTax], deliver_on: date
    ) -> Order:
        known, returned = await self._exchange(run), await self._of_run(run)
        first = await self.locked(known.order_id)
        if known.replacement_id:
            return await self.order(order_id=known.replacement_id)
        set_aside = await self._set_aside_before(run, first.id)
        if set_aside is None:
            raise errors.Conflict("nothing is set aside for this exchange", code="run_over")
        given = [each for each in await refunds.of_order(self.db.tx, first.id) if each.run != run]
        unit = UnitRef(variant_id=returned.units[0].variant_id, serial=returned.units[0].serial)
        terms = terms_of(first, given, unit, known.wanted)
        draft = replacement_of(first, returned.number, known.wanted, terms.short, taxes, deliver_on)
        replacement = await self.place(run=payment_run, draft=draft)
        back = _part(first, given, set_aside, terms.surplus)
        await store.shrink(self.db.tx, back)
        kept = _part(first, [*given, back], set_aside, set_aside.amount - terms.surplus)
        await store.keep(
            self.db.tx, msgspec.structs.replace(kept, id=new_id("rfd"), run=known.kept_run, at=clock.now())
        )
        await store.note_replacement(self.db.tx, run, replacement.id)
        self.db.audit("orders.exchanged", first.id, replacement=replacement.id, kept=kept.amount)
        return replacement

    async def drop_replacement(self, *, run: str) -> None:
        known = await store.find(self.db.tx, run)
        if known is not None and known.replacement_id:
            await store.let_go(self.db.tx, known.kept_run)
            await store.note_replacement(self.db.tx, run, "")

    async def settle_for_money(self, *, run: str) -> None:
        returned, known = await self._of_run(run), await self._exchange(run)
        order = await self.locked(known.order_id)
        set_aside = await self._set_aside_before(run, order.id)
        if set_aside is None or known.replacement_id:
            raise errors.Conflict("nothing is set aside for this exchange", code="run_over")
        if set_aside.kind == "return":
            return
        given = [each for each in await refunds.of_order(self.db.tx, order.id) if each.run != run]
        amount = amount_of(
            order.draft, given, accepted_units([returned]), await self._is_last(order, returned)
        )
        whole = _part(order, given, set_aside, amount)
        await store.shrink(self.db.tx, msgspec.structs.replace(whole, kind="return"))

    async def finish_exchange(self, *, run: str, points_back: int, points_taken: int) -> None:
        returned, known = await self._of_run(run), await self._exchange(run)
        first = await self.locked(known.order_id)
        replacement = demand_order(await orders.find(self.db.tx, order_id=known.replacement_id))
        if await self._moved(returned, "exchange", replacement.number) is None:
            await self._stands(returned, "exchange")
            return
        set_aside = await refunds.of_run(self.db.tx, run)
        if set_aside is not None and set_aside.state == "pending":
            await self._finish(run, points_back, points_taken)
        last = await self._is_last(first, returned)
        what = "returned" if last else "partly_returned"
        moved = await self.move(orders.is_order(first.id), "return_all" if last else "return_some", what)
        if moved is None:
            raise wrong_state(first)
        await orders.unsell(self.db.tx, first.id, [unit.serial for unit in returned.units])
        at, actor = clock.now(), context.current().actor
        came = orders.Moment(what="exchange_of", note=first.number)
        await orders.note(self.db.tx, replacement.id, came, at, actor)

    async def exchange_of(self, *, run: str) -> Exchange:
        return (await self._shown([await self._exchange(run)]))[0]

    async def exchanges(self, *, order_id: str = "", return_ids: list[str] | None = None) -> list[Exchange]:
        if return_ids is not None:
            return await self._shown(await store.of_returns(self.db.tx, return_ids))
        return await self._shown(await store.of_order(self.db.tx, order_id))

    async def _exchange(self, run: str) -> store.Known:
        known = await store.find(self.db.tx, run)
        if known is None:
            raise errors.NotFound("there is no such exchange", code="exchange_unknown")
        return known

    async def _shown(self, found: list[store.Known]) -> list[Exchange]:
        numbers = await orders.numbers(
            self.db.tx, [each for known in found for each in (known.order_id, known.replacement_id)]
        )
        by_id = {
            each.id: each for each in await returns.of_ids(self.db.tx, [known.return_id for known in found])
        }
        return [
            Exchange(
                returned=by_id[known.return_id],
                order_number=numbers[known.order_id],
                wanted=known.wanted,
                owed=known.owed,
                pay_until=known.pay_until,
                replacement_id=known.replacement_id,
                replacement_number=numbers.get(known.replacement_id, ""),
            )
            for known in found
        ]


def _part(order: Order, given: list[Refund], of: Refund, amount: Money) -> Refund:
    """So much of what was set aside, parted anew into what was paid for pieces and what goes to gift cards."""
    return msgspec.structs.replace(
        of,
        amount=amount,
        goods=goods_part(order.draft, given, amount),
        gift=gift_part(order.draft, given, amount),
    )
