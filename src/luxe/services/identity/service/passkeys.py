"""Passkeys: two ceremonies of two acts each, and the list of what an account has."""

from __future__ import annotations

from datetime import timedelta

import structlog

from luxe.kernel import clock
from luxe.kernel.context import acting
from luxe.kernel.errors import Refusal
from luxe.kernel.ids import new_id
from luxe.services.identity.contract import Challenge, PasskeyView, SignedIn
from luxe.services.identity.domain import names, refusals, tokens
from luxe.services.identity.domain import passkeys as ceremony
from luxe.services.identity.service.desk import Desk
from luxe.services.identity.store import passkeys

CHALLENGE_LASTS = timedelta(minutes=5)

log = structlog.get_logger()


class Passkeys(Desk):
    async def begin_passkey(self, *, account_id: str) -> Challenge:
        account = await self._known(account_id)
        challenge_id, challenge = await self._challenge(account_id)
        known = await passkeys.credential_ids(self.db.tx, account_id)
        options = ceremony.creation_options(
            self.party, account_id.encode(), account.email, account.name, challenge, known
        )
        return Challenge(id=challenge_id, options=options)

    async def finish_passkey(
        self, *, account_id: str, challenge_id: str, credential: str, label: str
    ) -> PasskeyView:
        await self._lock(account_id)
        text = names.label(label, "Passkey")
        challenge = ceremony.read_answer(credential).challenge
        await self._spend(challenge_id, account_id, challenge)
        made = ceremony.verify_creation(self.party, credential, challenge)
        passkey = PasskeyView(id=new_id("pky"), label=text, added_at=clock.now(), used_at=None)
        added = await passkeys.add(
            self.db.tx,
            id=passkey.id,
            account_id=account_id,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            backed_up=made.backed_up,
            label=text,
            added_at=passkey.added_at,
        )
        if not added:
            raise refusals.passkey_invalid()
        self.db.audit("identity.passkey_added", account_id, passkey=passkey.id)
        return passkey

    async def remove_passkey(self, *, account_id: str, passkey_id: str) -> None:
        await self._lock(account_id)
        if not await passkeys.remove(self.db.tx, account_id, passkey_id):
            raise refusals.passkey_unknown()
        left = await self._known(account_id)
        if not left.has_password and not left.passkeys:
            raise refusals.last_way_in()
        self.db.audit("identity.passkey_removed", account_id, passkey=passkey_id)

    async def passkeys(self, *, account_id: str) -> list[PasskeyView]:
        return await passkeys.listed(self.db.tx, account_id)

    async def begin_passkey_sign_in(self) -> Challenge:
        challenge_id, challenge = await self._challenge("")
        return Challenge(id=challenge_id, options=ceremony.request_options(self.party, challenge))

    async def finish_passkey_sign_in(
        self, *, challenge_id: str, credential: str, device: str, address: str
    ) -> SignedIn:
        answer = ceremony.read_answer(credential)
        await self._spend(challenge_id, "", answer.challenge)
        known = await passkeys.lock_by_credential(self.db.tx, answer.credential_id)
        if known is None or answer.user_handle not in (b"", known.account_id.encode()):
            raise refusals.passkey_invalid()
        try:
            count = ceremony.verify_use(
                self.party, credential, answer.challenge, known.public_key, known.sign_count
            )
        except Refusal:
            log.warning("passkey_refused", passkey=known.id, account=known.account_id)
            raise
        await passkeys.note_use(self.db.tx, known.id, count, clock.now())
        with acting(known.account_id):
            return await self._start_session(known.account_id, device, "passkey")

    async def _challenge(self, account_id: str) -> tuple[str, bytes]:
        """Kept as a hash: who reads the table cannot answer in anybody's place."""
        challenge_id, challenge = new_id("chl"), tokens.fresh_secret()
        await passkeys.add_challenge(
            self.db.tx,
            id=challenge_id,
            hash=tokens.digest(challenge),
            account_id=account_id,
            expires_at=clock.now() + CHALLENGE_LASTS,
        )
        return challenge_id, challenge.encode()

    async def _spend(self, challenge_id: str, account_id: str, challenge: bytes) -> None:
        """In the transaction of its effect. Raises `challenge_unknown`."""
        digest = tokens.digest_bytes(challenge)
        if not await passkeys.spend_challenge(self.db.tx, challenge_id, account_id, digest, clock.now()):
            raise refusals.challenge_unknown()
