"""Every invariant of the house. A service's own are in the module of its name; those between services in `trade`."""

from __future__ import annotations

from luxe.app.invariants import (
    exchanges,
    fulfilment,
    inventory,
    kernel,
    loyalty,
    membership,
    orders,
    payments,
    promotions,
    trade,
)
from luxe.app.invariants.forms import Invariant

MODULES = (inventory, loyalty, payments, orders, exchanges, promotions, membership, fulfilment, trade, kernel)
INVARIANTS: tuple[Invariant, ...] = tuple(each for module in MODULES for each in module.INVARIANTS)
