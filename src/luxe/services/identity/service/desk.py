"""What all use cases of identity stand on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from luxe.kernel import clock
from luxe.kernel.house import House
from luxe.kernel.ids import new_id
from luxe.services.identity.contract import (
    Account,
    EmailVerificationAsked,
    SignedIn,
    SignedInFromNewDevice,
)
from luxe.services.identity.domain import devices, refusals, throttling, tokens
from luxe.services.identity.domain.passkeys import RelyingParty
from luxe.services.identity.service.hashing import Hashing
from luxe.services.identity.store import accounts, attempts, sessions, tickets

SLIDING = timedelta(days=30)
ABSOLUTE = timedelta(days=90)
VERIFICATION, RECOVERY = "verification", "recovery"
VERIFICATION_LASTS = timedelta(days=3)
RECOVERY_LASTS = timedelta(minutes=30)


class Desk:
    def __init__(self, house: House) -> None:
        self.house = house
        self.settings = house.settings
        self.db = house.database("identity")
        self.hashing = Hashing()
        self.party = RelyingParty.at(house.settings.public_url, house.settings.house_name)

    async def _known(self, account_id: str) -> Account:
        found = await accounts.find(self.db.tx, [account_id])
        if not found:
            raise refusals.account_unknown()
        return found[0]

    async def _lock(self, account_id: str) -> None:
        if not await accounts.lock(self.db.tx, account_id):
            raise refusals.account_unknown()

    def _forget(self, account_id: str) -> None:
        """What processes remember of the account's credentials is void once this transaction has committed."""
        self.db.after_commit(lambda: self.house.announce("auth.forget", account_id))

    async def _start_session(self, account_id: str, device: str, method: str) -> SignedIn:
        now = clock.now()
        label = devices.label(device)
        token, session_id = tokens.fresh_secret(), new_id("ses")
        if await sessions.is_new_device(self.db.tx, account_id, label):
            self.db.emit(SignedInFromNewDevice(account_id=account_id, device=label, at=now))
        await sessions.add(
            self.db.tx,
            id=session_id,
            account_id=account_id,
            token_hash=tokens.digest(token),
            device=label,
            method=method,
            started_at=now,
            seen_at=now,
            expires_at=now + SLIDING,
            ends_at=now + ABSOLUTE,
        )
        self.db.audit("identity.signed_in", account_id, session=session_id, method=method)
        return SignedIn(token=token, session_id=session_id, account=await self._known(account_id))

    async def _end_sessions(self, account_id: str, except_session: str = "") -> int:
        ended = await sessions.end_all(self.db.tx, account_id, except_session, clock.now())
        self.db.audit("identity.signed_out_everywhere", account_id, sessions=ended)
        self._forget(account_id)
        return ended

    async def _issue_ticket(self, account_id: str, kind: str, lasts: timedelta) -> str:
        now = clock.now()
        ticket_id = new_id("tkt")
        await tickets.add(
            self.db.tx, id=ticket_id, account_id=account_id, kind=kind, asked_at=now, expires_at=now + lasts
        )
        return ticket_id

    async def _ask_verification(self, account_id: str) -> None:
        ticket = await self._issue_ticket(account_id, VERIFICATION, VERIFICATION_LASTS)
        self.db.emit(EmailVerificationAsked(account_id=account_id, ticket=ticket))

    async def _count_attempt(self, free: Mapping[str, int]) -> None:
        """Counts before the password is looked at, in a transaction of its own: guessing in parallel gains nothing,
        and the refusal that follows cannot take the count back. `free` says how many failures of each row cost
        nothing. Raises `too_many_attempts`."""
        now = clock.now()
        async with self.db.transaction() as tx:
            rows = await attempts.lock(tx, list(free), now, now - throttling.FORGOTTEN_AFTER)
            left = max(
                throttling.seconds_left(row.failures, free[key], row.until, now) for key, row in rows.items()
            )
            if left > 0:
                raise refusals.too_many_attempts(left)
            for key, row in rows.items():
                failures = row.failures + 1
                await attempts.count(tx, key, failures, now + throttling.wait(failures, free[key]), now)
