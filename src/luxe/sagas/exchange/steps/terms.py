"""What is owed or goes back, once the piece that came back is accepted: agreed once, and kept to."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from luxe.kernel import clock
from luxe.kernel.money import Money
from luxe.sagas.exchange.steps.asking import PAY_WITHIN, ExchangeRun, held, is_late
from luxe.services.fulfilment.contract import Charges, Destination, GoodsLine
from luxe.services.fulfilment.contract import Port as FulfilmentPort
from luxe.services.membership.contract import Port as MembershipPort
from luxe.services.orders.contract import ExchangeTerms, OrderTax
from luxe.services.orders.contract import Port as OrdersPort


class Agreed(msgspec.Struct, frozen=True, kw_only=True):
    """Result of `terms`. `owed` has the taxes on what is short. `late`: the piece is not held any more."""

    owed: Money
    taxes: list[OrderTax]
    deliver_on: date
    pay_until: datetime
    late: bool
    multiplier_percent: int


def agreed(run: ExchangeRun) -> Agreed:
    return msgspec.convert(run.results["terms"], Agreed)


async def agree(run: ExchangeRun) -> Agreed:
    """Sets aside what was paid for the unit, and says to the member what is still to be paid."""
    terms = await run.house.port(OrdersPort).begin_exchange(run=run.id)
    membership = await run.house.port(MembershipPort).membership_of(account_id=run.input.account_id)
    charges = await _charges(run, terms, membership.tier if membership else "")
    taxes = [
        msgspec.convert(tax, OrderTax, from_attributes=True)
        for tax in charges.taxes
        if tax.variant_id and tax.amount.minor
    ]
    owed = sum((tax.amount for tax in taxes if not tax.included), terms.short)
    late, pay_until = is_late(run), clock.now() + PAY_WITHIN
    if owed.minor and not late:
        await run.house.port(OrdersPort).note_difference(run=run.id, owed=owed, until=pay_until)
    latest = next(each.latest for each in charges.methods if each.id == charges.method)
    return Agreed(
        owed=owed,
        taxes=taxes,
        deliver_on=max(latest, held(run).expected_on or latest),
        pay_until=pay_until,
        late=late,
        multiplier_percent=membership.points_multiplier_percent if membership else 0,
    )


async def drop_refund(run: ExchangeRun) -> None:
    await run.house.port(OrdersPort).drop_refund(run=run.id)


async def _charges(run: ExchangeRun, terms: ExchangeTerms, tier: str) -> Charges:
    """Taxes are on what is short; what the first piece paid for has had its own. Delivery is the house's."""
    wanted, there = run.input.wanted, terms.destination
    return await run.house.port(FulfilmentPort).quote(
        destination=Destination(country=there.country, region=there.region, postcode=there.postcode),
        currency=wanted.price.currency,
        tier=tier,
        lines=[
            GoodsLine(variant_id=wanted.variant_id, category=wanted.category, quantity=1, total=terms.short)
        ],
    )
