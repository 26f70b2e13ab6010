"""Orders and addresses of the cast."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from luxe.kernel.money import Money
from luxe.services.orders.contract import Address, OrderDraft, OrderLine

SHANGHAI = Address(
    name="David Lin",
    line1="1 Zhongshan Dong Yi Lu",
    city="Shanghai",
    region="Shanghai",
    postcode="200002",
    country="CN",
    phone="+86 21 6321 6888",
)
PARIS = Address(
    name="Kevin Roux",
    line1="2 place Vendôme",
    city="Paris",
    postcode="75001",
    country="FR",
    phone="+33 1 42 60 30 70",
)


def line(
    variant_id: str = "var_clutch", quantity: int = 1, unit: int = 1_280_000, currency: str = "CNY"
) -> OrderLine:
    return OrderLine(
        variant_id=variant_id,
        product_id="prd_clutch",
        sku="CL-1",
        brand="Orsini",
        title="Evening clutch",
        label="Black",
        picture_url="/media/1",
        quantity=quantity,
        unit=Money(unit, currency),
        total=Money(unit * quantity, currency),
    )


def draft(
    *lines: OrderLine, points_worth: int = 0, points: int = 0, delivery: int = 0, **changes: Any
) -> OrderDraft:
    listed = list(lines) or [line()]
    currency = listed[0].unit.currency
    goods = sum(entry.total.minor for entry in listed)
    whole = OrderDraft(
        account_id="acc_david",
        lines=listed,
        goods=Money(goods, currency),
        delivery=Money(delivery, currency),
        points=points,
        points_worth=Money(points_worth, currency),
        payable=Money(goods + delivery - points_worth, currency),
        address=SHANGHAI,
        deliver_on=date(2026, 12, 1),
    )
    return msgspec.structs.replace(whole, **changes)
