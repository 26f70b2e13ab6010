"""Asking for exchanges, watching them, and paying what they cost more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from luxe.kernel import clock
from luxe.kernel.errors import BadRequest, Conflict, Gone, NotFound
from luxe.kernel.house import House
from luxe.kernel.money import Money
from luxe.kernel.saga import Engine
from luxe.kernel.saga_again import PatientDesk
from luxe.kernel.saga_store import LIVE, RunRow
from luxe.kernel.saga_watch import LONGEST
from luxe.sagas.exchange.contract import (
    LONGEST_REASON,
    ExchangeableUnit,
    ExchangeChoice,
    ExchangeInput,
    ExchangeView,
)
from luxe.sagas.exchange.flow import flow
from luxe.sagas.exchange.steps import MONEY, PAY, Agreed, Difference
from luxe.sagas.return_item.contract import Port as ReturnItemPort
from luxe.services.catalog.contract import Port as CatalogPort
from luxe.services.catalog.contract import ProductOffer
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.orders.contract import Order, OrderLine, UnitRef, WantedPiece
from luxe.services.orders.contract import Port as OrdersPort
from luxe.services.pricing.contract import Port as PricingPort
from luxe.services.pricing.contract import QuoteLine

_WAITS = ("decision", "inspection", "difference")


class Exchanging(PatientDesk):
    """Runs of the exchange flow."""

    def __init__(self, house: House) -> None:
        self.db = house.database("exchange")
        self.orders = house.port(OrdersPort)
        self.catalog = house.port(CatalogPort)
        self.pricing = house.port(PricingPort)
        self.inventory = house.port(InventoryPort)
        self.return_item = house.port(ReturnItemPort)
        self.engine = Engine(flow, house)

    async def options(self, *, order_id: str, account_id: str, locale: str) -> list[ExchangeableUnit]:
        order = await self.orders.order(order_id=order_id, account_id=account_id)
        if await self._is_replacement(order):
            return []
        window = await self.return_item.window(order_id=order.id, account_id=account_id)
        lines = {line.variant_id: line for line in order.draft.lines}
        wanted = {lines[unit.variant_id].product_id for unit in window.units}
        offers = {product_id: await self._offer(product_id, order, locale) for product_id in sorted(wanted)}
        return [
            _exchangeable(unit, line, offers[line.product_id])
            for unit in window.units
            for line in (lines[unit.variant_id],)
        ]

    async def start(
        self,
        *,
        key: str,
        account_id: str,
        order_id: str,
        unit: UnitRef,
        variant_id: str,
        reason: str,
        locale: str,
    ) -> ExchangeView:
        why = reason.strip()
        if not why:
            raise BadRequest("say why", code="reason_missing")
        if len(why) > LONGEST_REASON:
            raise BadRequest(f"at most {LONGEST_REASON} characters", code="reason_too_long")
        order = await self.orders.order(order_id=order_id, account_id=account_id)
        before = await self.engine.find_by_key(account_id, key)
        known = None if before is None else msgspec.convert(before.input, ExchangeInput)
        if known is not None and known.wanted.variant_id == variant_id:
            wanted, said = known.wanted, known.locale
        else:
            wanted, said = await self._wanted(order, unit, variant_id, locale), locale
        asked = ExchangeInput(
            order_id=order.id,
            account_id=account_id,
            unit=unit,
            wanted=wanted,
            country=order.draft.address.country,
            reason=why,
            locale=said,
        )
        return _seen(await self.engine.start(key=key, owner=account_id, input=asked))

    async def view(self, *, run: str, account_id: str = "") -> ExchangeView:
        return _seen(_demand(await self.engine.find(run), account_id))

    async def watch(self, *, run: str, seconds: float, account_id: str = "") -> ExchangeView:
        row = await self.engine.wait(run, _rests, min(seconds, LONGEST))
        return _seen(_demand(row, account_id))

    async def pay(self, *, run: str, account_id: str) -> ExchangeView:
        row = _demand(await self.engine.find(run), account_id)
        _demand_owing(row)
        tries, latest = row.signals.get(PAY, 0), _difference(row)
        if not tries or (latest is not None and latest.failed):
            await self.engine.signal(run, PAY, tries + 1)
        return await self.view(run=run, account_id=account_id)

    async def take_money(self, *, run: str, account_id: str) -> ExchangeView:
        _demand_owing(_demand(await self.engine.find(run), account_id))
        await self.engine.signal(run, MONEY, True)
        return await self.view(run=run, account_id=account_id)

    async def returned(self, *, run: str, account_id: str) -> None:
        await self.view(run=run, account_id=account_id)
        await self.engine.signal(run, "returned", clock.now().isoformat())

    async def moved(self, *, run: str, state: str) -> None:
        """Orders say that the return came into this state."""
        await self.engine.signal(run, state, True)

    async def payment_moved(self, *, payment_run: str, what: str) -> None:
        """Payments says that one of the tries to pay has come so far."""
        await self.engine.signal(payment_run.rpartition("-")[0], f"payment_{what}", payment_run)

    async def _wanted(self, order: Order, unit: UnitRef, variant_id: str, locale: str) -> WantedPiece:
        """The piece as it is now. Says at once what the first steps would find, and keeps the window of a return."""
        await self._check_unit(order, unit)
        currency = order.draft.payable.currency
        shown = await self.catalog.lines(variant_ids=[variant_id], locale=locale)
        quote = await self.pricing.quote(
            lines=[QuoteLine(variant_id=variant_id, quantity=1)], currency=currency
        )
        if not shown or not shown[0].on_sale or quote.unpriced:
            raise Conflict("this piece cannot be had for it", code="wanted_unknown")
        (there,) = await self.inventory.availability(variant_ids=[variant_id])
        if there.available < 1:
            raise Conflict("this piece is sold out", code="sold_out")
        piece = shown[0]
        return WantedPiece(
            variant_id=variant_id,
            product_id=piece.product_id,
            sku=piece.sku,
            brand=piece.brand,
            title=piece.title,
            label=piece.label,
            picture_url=piece.picture.url if piece.picture else "",
            category=piece.category,
            price=quote.lines[0].unit,
        )

    async def _check_unit(self, order: Order, unit: UnitRef) -> None:
        known = {(line.variant_id, serial) for line in order.draft.lines for serial in line.serials}
        if (unit.variant_id, unit.serial) not in known:
            raise BadRequest("not of this order", code="unit_unknown")
        if await self._is_replacement(order):
            raise Conflict("a replacement is not exchanged again", code="exchanged_before")
        window = await self.return_item.window(order_id=order.id, account_id=order.draft.account_id)
        if window.until is None or order.state == "returned":
            raise Conflict(f"the order is {order.state}", code="order_state", state=order.state)
        if clock.now() > window.until:
            raise Gone(
                "the time to return it has passed",
                code="return_window_over",
                until=window.until.isoformat(),
            )
        if unit not in window.units:
            raise Conflict("a unit is in another return", code="unit_returned")

    async def _is_replacement(self, order: Order) -> bool:
        found = await self.orders.exchanges(order_id=order.id)
        return any(each.replacement_id == order.id for each in found)

    async def _offer(self, product_id: str, order: Order, locale: str) -> ProductOffer | None:
        """None of a product that is not for sale any more."""
        currency = order.draft.payable.currency
        try:
            return await self.catalog.offer(slug=product_id, locale=locale, currency=currency)
        except NotFound:
            return None

    def subject(self, results: Mapping[str, Any], input: Mapping[str, Any]) -> str:
        """The order."""
        return input["order_id"]


def _exchangeable(unit: UnitRef, line: OrderLine, offer: ProductOffer | None) -> ExchangeableUnit:
    labels = {each.id: each.label for each in offer.product.variants} if offer else {}
    return ExchangeableUnit(
        unit=unit,
        brand=line.brand,
        title=line.title,
        label=line.label,
        picture_url=line.picture_url,
        choices=[
            ExchangeChoice(
                variant_id=each.variant_id,
                label=labels[each.variant_id],
                price=each.price,
                available=each.available,
            )
            for each in (offer.offers if offer else [])
            if each.variant_id != unit.variant_id
        ],
    )


def _demand(row: RunRow | None, account_id: str = "") -> RunRow:
    if row is None or (account_id and row.owner != account_id):
        raise NotFound("no such run", code="run_unknown")
    return row


def _demand_owing(row: RunRow) -> None:
    if row.state != "running" or _step(row) != "difference" or not _agreed_owed(row):
        raise Conflict("there is nothing to pay", code="nothing_to_pay")


def _step(row: RunRow) -> str:
    return flow.steps[min(row.cursor, len(flow.steps) - 1)].name


def _agreed(row: RunRow) -> Agreed | None:
    return msgspec.convert(row.results["terms"], Agreed) if "terms" in row.results else None


def _agreed_owed(row: RunRow) -> Money | None:
    terms = _agreed(row)
    return terms.owed if terms is not None and terms.owed.minor and not terms.late else None


def _difference(row: RunRow) -> Difference | None:
    return msgspec.convert(row.results["difference"], Difference) if "difference" in row.results else None


def _rests(row: RunRow) -> bool:
    """Whether the run has ended, or waits for a person: not one that the member has just asked to open a payment."""
    if row.state not in LIVE:
        return True
    latest = _difference(row)
    tries = row.signals.get(PAY, 0)
    opens = tries and (latest is None or latest.payment_run != f"{row.id}-{tries}")
    return _step(row) in _WAITS and row.lease_owner is None and not opens


def _seen(row: RunRow) -> ExchangeView:
    problem, terms, latest = row.problem or {}, _agreed(row), _difference(row)
    owed, waits = _agreed_owed(row), row.state == "running" and _step(row) == "difference"
    return ExchangeView(
        run=row.id,
        state=row.state,
        step=_step(row),
        order_id=row.input["order_id"],
        return_id=row.results.get("request", {}).get("id", ""),
        owed=owed,
        pay_until=terms.pay_until if terms is not None and owed else None,
        pay_at=latest.pay_at if latest is not None and waits else "",
        replacement_id=(row.results.get("place") or {}).get("id", ""),
        problem_code=problem.get("code", ""),
        problem=problem.get("detail", ""),
    )
