"""The use cases of orders, one file for each group of them."""

from __future__ import annotations

from luxe.services.orders.service.addresses import AddressBook
from luxe.services.orders.service.billing import Billing
from luxe.services.orders.service.delivering import Delivering
from luxe.services.orders.service.editing import Editing
from luxe.services.orders.service.exchanging import Exchanging
from luxe.services.orders.service.importing import Importing
from luxe.services.orders.service.line_editing import LineEditing

__all__ = ["Orders"]


class Orders(Billing, Exchanging, LineEditing, Delivering, Editing, Importing, AddressBook):
    """The whole Port."""
