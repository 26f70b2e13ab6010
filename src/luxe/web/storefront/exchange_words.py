"""What an order's page says of exchanges."""

from __future__ import annotations

from collections.abc import Sequence

from luxe.kernel import i18n
from luxe.sagas.return_item.contract import Window
from luxe.services.orders.contract import Exchange, Order
from luxe.web.site import Visitor
from luxe.web.views import Link, page


def exchange_url(order: Order, window: Window, exchanges: Sequence[Exchange]) -> str | None:
    """Where pieces of it can be exchanged; a replacement is not exchanged again."""
    is_replacement = any(each.replacement_id == order.id for each in exchanges)
    return f"/orders/{order.id}/exchange" if window.units and not is_replacement else None


def came_for(order: Order, exchanges: Sequence[Exchange]) -> Link | None:
    """The order of which a piece came back for this one."""
    first = next((each for each in exchanges if each.replacement_id == order.id), None)
    if first is None:
        return None
    return Link(label=first.order_number, url=f"/orders/{first.returned.order_id}")


def exchange_line(visitor: Visitor, known: Exchange) -> object:
    """What is wanted instead of the piece, what became of it, and where a difference is paid."""
    owes = known.owed is not None and known.returned.state == "inspected"
    return page(
        piece=piece_text(known.wanted.title, known.wanted.label),
        owed=i18n.format_money(known.owed, visitor.locale) if known.owed and owes else "",
        pay_url=f"/exchanges/{known.returned.run}" if owes else None,
        replacement=known.replacement_number if known.returned.state == "exchanged" else "",
        replacement_url=f"/orders/{known.replacement_id}" if known.returned.state == "exchanged" else None,
    )


def piece_text(title: str, label: str) -> str:
    return f"{title}, {label}" if label else title
