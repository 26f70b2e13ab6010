"""The REST of orders, one file for each group of it."""

from __future__ import annotations

from luxe.services.orders.api import orders, returns

handlers = [*orders.handlers, *returns.handlers]
