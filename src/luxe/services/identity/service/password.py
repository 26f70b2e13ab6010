"""Changing the password while signed in."""

from __future__ import annotations

from luxe.kernel import clock
from luxe.services.identity.domain import emails, passwords, refusals, throttling, tokens
from luxe.services.identity.service.desk import Desk
from luxe.services.identity.store import accounts, attempts


class PasswordChange(Desk):
    async def change_password(self, *, account_id: str, current: str, new: str, session_id: str) -> None:
        """Guessing the old one here counts like guessing it at the door."""
        async with self.db.reading() as tx:
            found = await accounts.find(tx, [account_id])
            known = await accounts.password_of(tx, emails.normalise(found[0].email).key) if found else None
        if not found:
            raise refusals.account_unknown()
        context = passwords.context_words(found[0].email, found[0].name, self.settings.house_name)
        accepted = passwords.accept(new, context)
        attempt = tokens.blinded(self.settings.secret, "password change", account_id)
        if known is not None:
            await self._count_attempt({attempt: throttling.FREE_PER_EMAIL})
            if not await self.hashing.verify(known[1], passwords.prepare(current[: passwords.LONGEST])):
                raise refusals.sign_in_failed()
        hashed = await self.hashing.hash(accepted)
        async with self.db.transaction() as tx:
            await self._lock(account_id)
            await attempts.clear(tx, attempt, attempt)
            if known is not None and not await accounts.password_is_still(tx, account_id, known[1]):
                raise refusals.sign_in_failed()
            await accounts.set_password(tx, account_id, hashed, clock.now())
            self.db.audit("identity.password_changed", account_id)
            await self._end_sessions(account_id, session_id)
