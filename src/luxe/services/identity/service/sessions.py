"""Sessions: opened, listed, ended."""

from __future__ import annotations

from luxe.kernel import clock
from luxe.kernel.context import acting
from luxe.services.identity.contract import SessionView, SignedIn
from luxe.services.identity.domain import refusals
from luxe.services.identity.service.desk import Desk
from luxe.services.identity.store import leftovers, sessions


class Sessions(Desk):
    async def open_session(self, *, account_id: str, device: str, address: str, method: str) -> SignedIn:
        await self._lock(account_id)
        with acting(account_id):
            return await self._start_session(account_id, device, method)

    async def sessions(self, *, account_id: str) -> list[SessionView]:
        return await sessions.listed(self.db.tx, account_id, clock.now())

    async def sign_out(self, *, session_id: str, account_id: str = "") -> None:
        owner = await sessions.end(self.db.tx, session_id, account_id, clock.now())
        if owner is None:
            if account_id:
                raise refusals.session_unknown()
            return
        self.db.audit("identity.signed_out", owner, session=session_id)
        self._forget(owner)

    async def sign_out_everywhere(self, *, account_id: str, except_session: str = "") -> int:
        return await self._end_sessions(account_id, except_session)

    async def clear_leftovers(self) -> bool:
        """Removes spent challenges, tickets and attempts, and sessions long over; True if there may be more."""
        return await leftovers.remove(self.db.tx, clock.now())
