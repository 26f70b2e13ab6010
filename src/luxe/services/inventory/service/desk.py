"""What every use case of inventory needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from luxe.kernel import clock, context
from luxe.kernel.errors import BadRequest, Conflict, NotFound
from luxe.kernel.house import House
from luxe.kernel.settings import SettingsError
from luxe.services.inventory.contract import Availability, Location, StockChanged
from luxe.services.inventory.domain import allocation, lines
from luxe.services.inventory.store import counting, moving, places


class Desk:
    def __init__(self, house: House) -> None:
        self.db = house.database("inventory")
        self.low_at = house.settings.stock_low_at
        name = house.settings.stock_allocation
        if name not in allocation.POLICIES:
            known = ", ".join(allocation.POLICIES)
            raise SettingsError(f"LUXE_STOCK_ALLOCATION: {name!r} is none of {known}")
        self.policy = allocation.POLICIES[name]

    async def availability(self, *, variant_ids: list[str]) -> list[Availability]:
        found = await counting.availability(self.db.tx, variant_ids, clock.now().date())
        return [found[variant] for variant in variant_ids]

    async def _availability(self, variant_id: str) -> Availability:
        return (await self.availability(variant_ids=[variant_id]))[0]

    async def _open_locations(self, *codes: str) -> dict[str, Location]:
        """The locations, which stay as they are until the transaction ends. Raises unless units may come there."""
        found = await places.shared(self.db.tx, list(codes))
        for code in codes:
            if code not in found:
                raise NotFound(f"there is no location {code}", code="location_unknown")
            if not found[code].active:
                raise Conflict(f"the location {code} is closed", code="location_inactive")
        return found

    async def _move(
        self,
        kind: str,
        variant_id: str,
        location: str,
        quantity: int,
        reason: str,
        key: str | None,
        lot: str | None = None,
    ) -> bool:
        """Writes a movement and its audit row; False if the key was used before."""
        row = {
            "at": clock.now(),
            "actor": context.current().actor,
            "kind": kind,
            "variant_id": variant_id,
            "location": location,
            "quantity": quantity,
            "reason": reason,
            "key": key,
            "lot": lot,
        }
        moved = await moving.add_movement(self.db.tx, row)
        if moved:
            self.db.audit(
                f"inventory.{kind}", variant_id, quantity=quantity, location=location, reason=reason
            )
        return moved

    async def _more_of(self, variant_id: str) -> None:
        """After units came: those who list or watch the variant learn of it."""
        await places.rise(self.db.tx, variant_id, self.low_at, clock.now())
        self._tell({variant_id})

    def _tell(self, variant_ids: Iterable[str]) -> None:
        self.db.emit(*(StockChanged(variant_id=variant) for variant in sorted(variant_ids)))


def check_quantity(quantity: int, least: int = 1) -> None:
    if not least <= quantity <= lines.MAX_AT_ONCE:
        raise BadRequest(f"{least} to {lines.MAX_AT_ONCE:,} pieces at once", code="quantity_invalid")


def checked_serials(serials: Sequence[str] | None, quantity: int) -> list[str]:
    """None given, or one for each unit. Raises `quantity_invalid`, `serial_invalid`, `serial_taken`."""
    given = list(serials or ())
    if given and len(given) != quantity:
        raise BadRequest("as many serial numbers as pieces, or none", code="quantity_invalid")
    if unfit := lines.unfit_serials(given):
        raise BadRequest("a serial number has 1 to 64 characters", code="serial_invalid", serials=unfit)
    if twice := lines.repeated(given):
        raise serial_taken(twice)
    return given


def serial_taken(serials: Sequence[str]) -> Conflict:
    return Conflict("another piece has this serial number", code="serial_taken", serials=list(serials))
