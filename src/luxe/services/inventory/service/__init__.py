"""The use cases of inventory, one file for each group of them."""

from __future__ import annotations

from luxe.services.inventory.service.holding import Holding
from luxe.services.inventory.service.looking import Looking
from luxe.services.inventory.service.promising import Promising
from luxe.services.inventory.service.selling import Selling
from luxe.services.inventory.service.transferring import Transferring
from luxe.services.inventory.service.watching import Watching

__all__ = ["Inventory"]


class Inventory(Holding, Selling, Promising, Transferring, Looking, Watching):
    """Stock, one row a unit: the whole Port. Receipts come with `Promising`, which builds on them."""
