"""The use cases of orders, one file for each group of them."""

from __future__ import annotations

from luxe.services.orders.service.addresses import AddressBook
from luxe.services.orders.service.delivering import Delivering
from luxe.services.orders.service.placing import Placing
from luxe.services.orders.service.refunding import Refunding

__all__ = ["Orders"]


class Orders(Placing, Refunding, Delivering, AddressBook):
    """The whole Port."""
