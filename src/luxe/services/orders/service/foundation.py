"""What every use case of orders stands on."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from luxe.kernel import clock, context, errors
from luxe.kernel.house import House
from luxe.services.inventory.contract import Port as InventoryPort
from luxe.services.inventory.contract import Unit
from luxe.services.orders.contract import Address, Order
from luxe.services.orders.domain import Event
from luxe.services.orders.domain.addresses import check
from luxe.services.orders.store import orders as store


class Foundation:
    def __init__(self, house: House) -> None:
        self.db = house.database("orders")
        self.inventory = house.port(InventoryPort)

    async def move(
        self, where: ColumnElement[bool], event: Event, what: str, reason: str = ""
    ) -> Order | None:
        """Moves an order along the table of transitions, with `what` on its timeline; None if it may not happen."""
        moment = store.Moment(what=what, note=reason)
        return await store.move(self.db.tx, where, event, moment, clock.now(), context.current().actor)

    async def locked(self, order_id: str) -> Order:
        return demand_order(await store.lock(self.db.tx, order_id))

    async def units_of(self, order_id: str) -> list[Unit]:
        """By inventory's books."""
        found: list[Unit] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await self.inventory.units(order_id=order_id, cursor=cursor, limit=100)
            found += page.items
            cursor = page.next
        return found


def names_of(unit: Unit) -> set[tuple[str, str]]:
    """A unit that was still to come when it was bought is listed under the number that it had then."""
    return {(unit.variant_id, unit.serial), (unit.variant_id, unit.unit_id.removeprefix("unit_").upper())}


def demand_order(found: Order | None) -> Order:
    if found is None:
        raise errors.NotFound("there is no such order", code="order_unknown")
    return found


def demand_address(address: Address) -> Address:
    checked = check(address)
    if checked.errors:
        raise errors.PayloadInvalid(
            "the address is incomplete", code="address_incomplete", errors=checked.errors
        )
    return checked.address


def wrong_state(order: Order) -> errors.Conflict:
    return errors.Conflict(f"the order is {order.state}", code="order_state", state=order.state)
