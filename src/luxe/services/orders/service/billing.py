"""Invoices and credit notes: issued once, with the next number of their series, and printed as they were issued.

An invoice is issued when its order leaves the house, or before that when somebody asks for it; credit notes when money has
gone back of an invoiced order. So an ordinary sale pays nothing for them. An invoice says what was bought; what was taken
out of the order afterwards has a credit note.
"""

from __future__ import annotations

import msgspec

from luxe.kernel import clock, errors
from luxe.kernel.house import House
from luxe.kernel.ids import is_id, new_id
from luxe.services.identity.contract import Port as IdentityPort
from luxe.services.orders.contract import Bill, BillContent, Order, PrintedBill, PrintedSlip, Refund, Seller
from luxe.services.orders.domain.bills import credit_note_of, invoice_of, kind_of, seller_of, spell_bill
from luxe.services.orders.service.bill_words import sheet_of, written
from luxe.services.orders.service.placing import Placing
from luxe.services.orders.service.printing import BILL, SLIP, pdf_of
from luxe.services.orders.service.slip_words import slip_of
from luxe.services.orders.store import bills as store
from luxe.services.orders.store import line_edits as edits
from luxe.services.orders.store import refunds, returns


class Billing(Placing):
    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.identity = house.port(IdentityPort)
        self.settings = house.settings

    async def issue_bills(self, *, order_id: str, account_id: str = "") -> list[Bill]:
        order = await self.order(order_id=order_id, account_id=account_id)
        if order.paid_at is None:
            raise errors.Conflict("it was not paid, so there is no invoice", code="not_paid")
        known = await store.of_order(self.db.tx, order.id)
        wanted = _unwritten(known, await refunds.of_order(self.db.tx, order.id))
        if known and not wanted:
            return known
        buyer, locale = await self._buyer(known, order)
        await self.locked(order.id)
        changes = await edits.of_order(self.db.tx, order.id)
        if changes:
            order = msgspec.structs.replace(order, draft=changes[0].before)
        by_run = {each.run: each for each in changes}
        issued = await store.of_order(self.db.tx, order.id)
        if not issued:
            issued = [await self._issue(order, None, locale, invoice_of(order, self._seller(), buyer))]
        for refund in _unwritten(issued, await refunds.of_order(self.db.tx, order.id)):
            back = await returns.find(self.db.tx, run=refund.run) if refund.kind == "return" else None
            content = credit_note_of(issued[0], order, refund, issued[1:], back, by_run.get(refund.run))
            issued.append(await self._issue(order, refund, issued[0].locale, content))
        return issued

    async def bills(self, *, order_id: str, account_id: str = "") -> list[Bill]:
        return await store.of_order(self.db.tx, order_id, account_id)

    async def print_bill(self, *, bill_id: str, account_id: str = "") -> PrintedBill:
        async with self.db.reading() as tx:
            found = await store.printed_of(tx, bill_id, account_id) if is_id(bill_id, "bill") else None
        if found is None:
            raise errors.NotFound("there is no such bill", code="bill_unknown")
        number, sheet = found
        return PrintedBill(number=number, pdf=await pdf_of(BILL, sheet))

    async def print_slip(self, *, order_id: str) -> PrintedSlip:
        async with self.db.reading():
            order = await self.order(order_id=order_id)
        _, locale = await self._buyer([], order)
        slip = slip_of(order, locale, self.settings.house_name)
        return PrintedSlip(order_number=order.number, pdf=await pdf_of(SLIP, slip))

    async def is_invoiced(self, order_id: str) -> bool:
        async with self.db.reading() as tx:
            return await store.has_invoice(tx, order_id)

    async def _buyer(self, known: list[Bill], order: Order) -> tuple[str, str]:
        """Name, and language of the invoice; of an account that is gone, what the order knows. Asked before anything is
        locked, and not at all for a credit note."""
        if known:
            return known[0].content.buyer, known[0].locale
        try:
            account = await self.identity.account(account_id=order.draft.account_id)
        except errors.NotFound:
            return order.draft.address.name, written(self.settings.default_locale)
        return account.name, written(account.locale)

    async def _issue(self, order: Order, refund: Refund | None, locale: str, content: BillContent) -> Bill:
        settings, at = self.settings, clock.now()
        series = settings.credit_note_series if refund else settings.invoice_series
        place = await store.next_place(self.db.tx, series, at.year)
        bill = Bill(
            id=new_id("bill"),
            kind=kind_of(refund),
            number=spell_bill(series, at.year, place),
            order_id=order.id,
            account_id=order.draft.account_id,
            refund_id=refund.id if refund else "",
            locale=locale,
            issued_at=at,
            content=content,
        )
        sheet = msgspec.to_builtins(sheet_of(bill, settings.house_name))
        await store.insert_bill(self.db.tx, bill, series, at.year, place, sheet)
        self.db.audit("orders.bill_issued", order.id, number=bill.number, total=content.total)
        return bill

    def _seller(self) -> Seller:
        settings = self.settings
        return seller_of(
            settings.seller_name or settings.house_name,
            settings.seller_address,
            settings.seller_tax_id,
            settings.seller_register,
            settings.seller_contact,
        )


def _unwritten(known: list[Bill], given: list[Refund]) -> list[Refund]:
    """Refunds that are done and have no credit note yet, oldest first."""
    written_for = {bill.refund_id for bill in known}
    return [
        each
        for each in given
        if each.state == "done" and each.id not in written_for and (each.amount.minor or each.points_back)
    ]
