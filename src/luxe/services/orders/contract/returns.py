"""The part of the Port about units that come back."""

from __future__ import annotations

from typing import Protocol

from luxe.kernel.verbs import query
from luxe.services.orders.contract.values import Finding, Refund, Return, ReturnPage, UnitRef


class ReturningPort(Protocol):
    """Its refusals are among those of the Port."""

    async def request_return(
        self, *, run: str, order_id: str, account_id: str, units: list[UnitRef], reason: str
    ) -> Return:
        """A member wants units of a delivered order to go back; each is in one return at a time."""
        ...

    async def drop_return(self, *, run: str) -> None:
        """Undoes `request_return`: withdraws what is not settled; harmless if this run requested nothing."""
        ...

    async def withdraw_return(self, *, return_id: str, account_id: str) -> Return:
        """The member keeps the units after all. Again it has the same answer."""
        ...

    async def decide_return(self, *, return_id: str, approve: bool, reason: str) -> Return:
        """Approves a request, or declines it (or an approved one that never arrived) with a reason. Again it has the same
        answer."""
        ...

    async def inspect_return(self, *, return_id: str, findings: list[Finding]) -> Return:
        """The units of an approved return are here: one finding for each. Again it has the same answer."""
        ...

    async def set_return_aside(self, *, run: str) -> Refund | None:
        """Sets aside what was paid for the accepted units, net of points, to be given back by this run; with the last unit
        of the order all that is left, delivery included. None if none was accepted."""
        ...

    async def finish_return(
        self, *, run: str, points_back: int, points_taken: int, kept_back: int = 0, kept_taken: int = 0
    ) -> None:
        """The money is on its way and the units are where they belong. The last two as in `finish_cancelling`."""
        ...

    @query
    async def return_of(self, *, return_id: str = "", run: str = "", account_id: str = "") -> Return:
        """By id or run; with an account given, only that account's own."""
        ...

    @query
    async def returns(
        self, *, order_id: str = "", account_id: str = "", state: str = "", cursor: str = "", limit: int = 25
    ) -> ReturnPage:
        """Newest first."""
        ...
