"""Signing in with a password, and what becomes of a token afterwards."""

from __future__ import annotations

from luxe.kernel import clock
from luxe.kernel.auth import NOBODY, Principal
from luxe.kernel.context import acting
from luxe.kernel.errors import Refusal
from luxe.services.identity.contract import SignedIn
from luxe.services.identity.domain import emails, passwords, refusals, throttling, tokens
from luxe.services.identity.service.desk import SLIDING, Desk
from luxe.services.identity.store import accounts, attempts, credentials

_INTEGRATOR = "integrator"


class SignIn(Desk):
    async def sign_in(self, *, email: str, password: str, device: str, address: str) -> SignedIn:
        """An unknown address, a wrong password and an account without one take the same way and the same time."""
        try:
            email_key = emails.normalise(email).key
        except Refusal:
            email_key = email[:254].casefold()
        email_row = tokens.blinded(self.settings.secret, "email", email_key)
        address_row = tokens.blinded(self.settings.secret, "address", address)
        await self._count_attempt(
            {email_row: throttling.FREE_PER_EMAIL, address_row: throttling.FREE_PER_ADDRESS}
        )
        async with self.db.reading() as tx:
            found = await accounts.password_of(tx, email_key)
        account_id, hashed = found or ("", None)
        given = passwords.prepare(password[: passwords.LONGEST])
        if not await self.hashing.verify(hashed, given) or hashed is None:
            raise refusals.sign_in_failed()
        renewed = await self.hashing.hash(given) if self.hashing.is_outdated(hashed) else None
        with acting(account_id):
            async with self.db.transaction() as tx:
                if not await accounts.password_is_still(tx, account_id, hashed):
                    raise refusals.sign_in_failed()
                if renewed is not None:
                    await accounts.set_password(tx, account_id, renewed, clock.now())
                await attempts.clear(tx, email_row, address_row)
                return await self._start_session(account_id, device, "password")

    async def authenticate(self, *, token: str) -> Principal:
        now = clock.now()
        if (key := tokens.parse_api_key(token)) is not None:
            row = await credentials.by_api_key(self.db.tx, key.id, tokens.digest(key.secret), now)
            kind = "api_key"
        elif tokens.is_session_token(token):
            row = await credentials.by_session(self.db.tx, tokens.digest(token), now, SLIDING)
            kind = "session"
        else:
            return NOBODY
        if row is None:
            return NOBODY
        roles = frozenset(row.roles)
        scopes = frozenset(row.scopes) if kind == "api_key" else frozenset()
        if _INTEGRATOR not in roles:
            scopes = frozenset(scope for scope in scopes if not scope.startswith("rpc:"))
        return Principal(
            subject=row.account_id,
            kind=kind,
            credential=row.id,
            roles=roles,
            scopes=scopes,
            locale=row.locale,
            currency=row.currency,
            verified=row.email_verified_at is not None,
        )
