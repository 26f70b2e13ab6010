"""Accounts: opened, looked up, changed."""

from __future__ import annotations

from luxe.kernel import clock
from luxe.kernel.context import acting
from luxe.kernel.ids import new_id
from luxe.services.identity.contract import Account, AccountRegistered
from luxe.services.identity.domain import emails, names, passwords, preferences, refusals
from luxe.services.identity.service.desk import Desk
from luxe.services.identity.store import accounts


class Accounts(Desk):
    async def register(
        self,
        *,
        place: str,
        email: str,
        name: str,
        locale: str,
        currency: str,
        zone: str = "UTC",
        password: str | None = None,
    ) -> Account:
        address = emails.normalise(email)
        person = names.person(name)
        preferences.check(locale, currency, zone)
        hashed = None
        if password is not None:
            context = passwords.context_words(address.key, person, self.settings.house_name)
            hashed = await self.hashing.hash(passwords.accept(password, context))
        account_id, now = new_id("acc"), clock.now()
        with acting(account_id):
            async with self.db.transaction() as tx:
                added = await accounts.add(
                    tx,
                    id=account_id,
                    email=address.address,
                    email_key=address.key,
                    name=person,
                    locale=locale,
                    currency=currency,
                    zone=zone,
                    place=place,
                    created_at=now,
                )
                if not added:
                    raise refusals.email_taken()
                if hashed is not None:
                    await accounts.set_password(tx, account_id, hashed, now)
                self.db.emit(AccountRegistered(account_id=account_id, place=place, locale=locale))
                self.db.audit("identity.registered", account_id, place=place)
                await self._ask_verification(account_id)
                return await self._known(account_id)

    async def account(self, *, account_id: str) -> Account:
        return await self._known(account_id)

    async def accounts(self, *, account_ids: list[str]) -> list[Account]:
        return await accounts.find(self.db.tx, account_ids)

    async def account_by_email(self, *, email: str) -> Account | None:
        return await accounts.find_by_email(self.db.tx, emails.normalise(email).key)

    async def change_preferences(
        self, *, account_id: str, locale: str, currency: str, zone: str, name: str
    ) -> Account:
        preferences.check(locale, currency, zone)
        values = {"name": names.person(name), "locale": locale, "currency": currency, "zone": zone}
        if not await accounts.change(self.db.tx, account_id, **values):
            raise refusals.account_unknown()
        self.db.audit("identity.preferences_changed", account_id, locale=locale, currency=currency, zone=zone)
        self._forget(account_id)
        return await self._known(account_id)
