"""Units change places: nobody can buy them on the way, and none is lost on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from luxe.kernel import clock
from luxe.kernel.errors import BadRequest, Conflict, NotFound
from luxe.kernel.ids import new_id
from luxe.services.inventory.contract import Transfer, TransferPage
from luxe.services.inventory.service.desk import Desk, check_quantity, checked_serials
from luxe.services.inventory.service.looking import page_size
from luxe.services.inventory.store import moving, transferring


class Transferring(Desk):
    async def transfer(
        self,
        *,
        key: str,
        variant_id: str,
        quantity: int,
        origin: str,
        destination: str,
        reason: str,
        serials: list[str] | None = None,
    ) -> Transfer:
        check_quantity(quantity)
        given = checked_serials(serials, quantity)
        if origin == destination:
            raise BadRequest("a transfer goes from one location to another", code="location_invalid")
        await self._open_locations(origin, destination)
        row = {
            "id": new_id("trf"),
            "key": key,
            "variant_id": variant_id,
            "origin": origin,
            "destination": destination,
            "quantity": quantity,
            "reason": reason,
            "sent_at": clock.now(),
        }
        if not await transferring.begin(self.db.tx, row):
            known = await transferring.by_key(self.db.tx, key)
            return await self._as_it_stands(known)
        ids = await moving.pick_free(self.db.tx, variant_id, origin, quantity, given, newest=False)
        if len(ids) < quantity:
            raise Conflict("fewer pieces than that are free there", code="stock_in_use")
        await transferring.depart(self.db.tx, ids, row["id"])
        self.db.audit(
            "inventory.transfer_sent", row["id"], variant_id=variant_id, quantity=quantity, reason=reason
        )
        self._tell({variant_id})
        return await self._as_it_stands(await transferring.by_key(self.db.tx, key))

    async def receive_transfer(self, *, transfer_id: str, serials: list[str] | None = None) -> Transfer:
        found = await self._locked(transfer_id)
        if found.state == "cancelled":
            raise Conflict("this transfer was cancelled", code="transfer_ended")
        moving_units = await transferring.on_their_way(self.db.tx, transfer_id)
        arriving = _named(moving_units, serials)
        if arriving:
            await self._set_down(found, arriving, found.destination)
            arrived = found.arrived + len(arriving)
            all_here = len(arriving) == len(moving_units)
            await transferring.note(
                self.db.tx,
                transfer_id,
                arrived,
                "received" if all_here else "in_transit",
                clock.now() if all_here else None,
            )
            for place, sign in ((found.origin, -1), (found.destination, 1)):
                await self._move(
                    "transfer", found.variant_id, place, sign * len(arriving), found.reason, None
                )
        return await self._as_it_stands(await self._locked(transfer_id))

    async def cancel_transfer(self, *, transfer_id: str, reason: str) -> Transfer:
        found = await self._locked(transfer_id)
        if found.state == "received":
            raise Conflict("every piece has arrived", code="transfer_ended")
        if found.state == "in_transit":
            left = await transferring.on_their_way(self.db.tx, transfer_id)
            await self._set_down(found, [unit_id for unit_id, _ in left], found.origin)
            await transferring.note(self.db.tx, transfer_id, found.arrived, "cancelled", clock.now())
            self.db.audit("inventory.transfer_cancelled", transfer_id, quantity=len(left), reason=reason)
        return await self._as_it_stands(await self._locked(transfer_id))

    async def transfers(self, *, state: str = "", cursor: str = "", limit: int = 50) -> TransferPage:
        size = page_size(limit)
        found = await transferring.listed(self.db.tx, state, cursor, size + 1)
        items = found[:size]
        return TransferPage(items=items, next=items[-1].id if len(found) > size else None)

    async def _locked(self, transfer_id: str) -> Any:
        found = await transferring.locked(self.db.tx, transfer_id)
        if found is None:
            raise NotFound("there is no such transfer", code="transfer_unknown")
        return found

    async def _set_down(self, found: Any, ids: Sequence[str], location: str) -> None:
        await transferring.set_down(self.db.tx, ids, location)
        self._tell({found.variant_id})

    async def _as_it_stands(self, row: Any) -> Transfer:
        left = await transferring.on_their_way(self.db.tx, row.id)
        return transferring.transfer(row, len(left))


def _named(moving_units: Sequence[tuple[str, str]], serials: Sequence[str] | None) -> list[str]:
    """The ids of the named units, or of all. Raises `not_in_transit` naming those that are not on their way."""
    if not serials:
        return [unit_id for unit_id, _ in moving_units]
    by_serial = {serial: unit_id for unit_id, serial in moving_units}
    if missing := sorted(set(serials) - set(by_serial)):
        raise Conflict("these pieces are not on their way", code="not_in_transit", serials=missing)
    return [by_serial[serial] for serial in dict.fromkeys(serials)]
