"""The REST of orders, one file for each group of it."""

from __future__ import annotations

from luxe.services.orders.api import bills, edits, orders, returns

handlers = [*orders.handlers, *returns.handlers, *bills.handlers, *edits.handlers]
