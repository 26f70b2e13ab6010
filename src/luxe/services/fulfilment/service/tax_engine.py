"""What fulfilment needs of a tax engine, whichever it is, and the one that is built in.

`tests/services/fulfilment/test_tax_engine.py` is this page as a test: an engine that passes it may be used. Another one
is a class with `assess` and an entry in `ENGINES`; the setting `LUXE_TAX_ENGINE` names the one in use.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from luxe.kernel import errors
from luxe.kernel.settings import Settings, SettingsError
from luxe.services.fulfilment.contract import Tax
from luxe.services.fulfilment.domain import cross_border
from luxe.services.fulfilment.domain.rows import Tables
from luxe.services.fulfilment.domain.taxing import RegionUnknown, Sale

Shelf = Callable[[], Awaitable[Tables]]


class TaxEngine(Protocol):
    async def assess(self, sale: Sale) -> list[Tax]:
        """The duties and taxes on a sale, in its currency: lines in their order, delivery last. The same sale on the same
        day has the same answer. Included taxes of a line never exceed its price. Raises `BadRequest` (`region_unknown`)
        where the region decides and is not one of the country's, and `Unavailable` when the engine cannot be asked."""
        ...


class TableEngine:
    """The house's own table."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def assess(self, sale: Sale) -> list[Tax]:
        tables = await self._shelf()
        try:
            return cross_border.assess(sale, tables.taxes)
        except RegionUnknown as error:
            raise errors.BadRequest(
                f"{sale.region!r} is no region of {sale.country}", code="region_unknown"
            ) from error


ENGINES: Mapping[str, Callable[[Shelf], TaxEngine]] = {"table": TableEngine}


def engine_of(settings: Settings, shelf: Shelf) -> TaxEngine:
    """Raises `SettingsError`."""
    if settings.tax_engine not in ENGINES:
        raise SettingsError(f"LUXE_TAX_ENGINE: one of {', '.join(ENGINES)}")
    return ENGINES[settings.tax_engine](shelf)
