"""E-mail verification and recovery: tickets whose tokens the house can compute and nobody can read in it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from luxe.kernel import clock
from luxe.kernel.context import acting
from luxe.services.identity.contract import Account, EmailVerified, RecoveryAsked, SignedIn
from luxe.services.identity.domain import emails, passwords, refusals, tokens
from luxe.services.identity.service.desk import RECOVERY, RECOVERY_LASTS, VERIFICATION, Desk
from luxe.services.identity.store import accounts, tickets

ASKED_AT_MOST = 5
ASKED_WITHIN = timedelta(hours=1)

_PAGES = {VERIFICATION: "verify-email", RECOVERY: "recover"}


class Recovery(Desk):
    async def ask_email_verification(self, *, account_id: str) -> None:
        """Does nothing if the address is verified. Raises `too_many_attempts` after five in an hour."""
        if (await self._known(account_id)).email_verified:
            return
        since = clock.now() - ASKED_WITHIN
        if await tickets.asked_since(self.db.tx, account_id, VERIFICATION, since) >= ASKED_AT_MOST:
            raise refusals.too_many_attempts(int(ASKED_WITHIN.total_seconds()))
        await self._ask_verification(account_id)

    async def verify_email(self, *, token: str) -> Account:
        account_id = await self._use(token, VERIFICATION)
        await self._verified(account_id)
        return await self._known(account_id)

    async def ask_recovery(self, *, email: str) -> None:
        """An unknown address costs the same statements: its ticket is made out to nobody."""
        key = emails.normalise(email).key
        account_id, asked = await tickets.holder(self.db.tx, key, RECOVERY, clock.now() - ASKED_WITHIN)
        if asked >= ASKED_AT_MOST:
            account_id = ""
        ticket = await self._issue_ticket(account_id, RECOVERY, RECOVERY_LASTS)
        self.db.audit("identity.recovery_asked", account_id or ticket)
        if account_id:
            self.db.emit(RecoveryAsked(account_id=account_id, ticket=ticket))

    async def recover(self, *, token: str, password: str | None, device: str, address: str) -> SignedIn:
        """The password changes before sessions end: a sign-in with the old one is then over or refused."""
        ticket_id = tokens.ticket_of(self.settings.secret, token)
        if ticket_id is None:
            raise refusals.ticket_invalid()
        hashed = await self._new_password(ticket_id, password) if password is not None else None
        async with self.db.transaction() as tx:
            account_id = await self._use(token, RECOVERY)
            with acting(account_id):
                await self._lock(account_id)
                await tickets.void(tx, account_id, RECOVERY, clock.now())
                if hashed is not None:
                    await accounts.set_password(tx, account_id, hashed, clock.now())
                    self.db.audit("identity.password_changed", account_id)
                await self._end_sessions(account_id)
                await self._verified(account_id)
                return await self._start_session(account_id, device, "recovery")

    async def ticket_link(self, *, ticket: str) -> str:
        found = await tickets.find(self.db.tx, ticket)
        if found is None:
            raise refusals.ticket_invalid()
        token = tokens.sign_ticket(self.settings.secret, ticket)
        return f"{self.settings.public_url.rstrip('/')}/{_PAGES[found.kind]}?{urlencode({'token': token})}"

    async def _new_password(self, ticket_id: str, password: str) -> str:
        """Looked at before the ticket is used, so that a weak one costs nothing but another try."""
        async with self.db.reading() as tx:
            ticket = await tickets.find(tx, ticket_id)
            found = await accounts.find(tx, [ticket.account_id]) if ticket else []
        if not found:
            raise refusals.ticket_invalid()
        context = passwords.context_words(found[0].email, found[0].name, self.settings.house_name)
        return await self.hashing.hash(passwords.accept(password, context))

    async def _use(self, token: str, kind: str) -> str:
        ticket_id = tokens.ticket_of(self.settings.secret, token)
        account_id = await tickets.use(self.db.tx, ticket_id, kind, clock.now()) if ticket_id else None
        if account_id is None:
            raise refusals.ticket_invalid()
        return account_id

    async def _verified(self, account_id: str) -> None:
        """Whoever holds a ticket has read the mail."""
        if await accounts.verify_email(self.db.tx, account_id, clock.now()):
            self.db.emit(EmailVerified(account_id=account_id))
            self.db.audit("identity.email_verified", account_id)
            self._forget(account_id)
