"""Which endpoints listen, remembered for a few seconds: most facts meet none, and then cost no statement."""

from __future__ import annotations

import time

from luxe.kernel.db import Database
from luxe.kernel.house import House
from luxe.services.identity.contract import Port as IdentityPort
from luxe.services.notifications.domain.events import WIDE_ROLES, Listening
from luxe.services.notifications.store import webhooks

TOPIC = "notifications.endpoints"
REMEMBERED_SECONDS = 5.0


class Endpoints:
    """Changes are announced to every process, which then forgets; roles are looked up again with the list."""

    def __init__(self, house: House, database: Database) -> None:
        self._db = database
        self._identity = house.port(IdentityPort)
        self._house = house
        self._known: list[Listening] = []
        self._until = 0.0
        self._generation = 0
        house.on_announcement(TOPIC, self._forget)

    def changed(self) -> None:
        """Say so in the transaction that changes them."""
        self._db.after_commit(lambda: self._house.announce(TOPIC, ""))

    async def listening(self) -> list[Listening]:
        now = time.monotonic()
        if now < self._until:
            return self._known
        generation = self._generation
        found = await webhooks.standing(self._db.tx)
        owners = sorted({account_id for _, account_id, _ in found})
        accounts = await self._identity.accounts(account_ids=owners) if owners else []
        roles = {account.id: account.roles for account in accounts}
        known = [
            Listening(
                id=endpoint_id,
                account_id=account_id,
                events=events,
                wide=not WIDE_ROLES.isdisjoint(roles[account_id]),
            )
            for endpoint_id, account_id, events in found
            if account_id in roles
        ]
        if generation == self._generation:
            self._known, self._until = known, now + REMEMBERED_SECONDS
        return known

    def _forget(self, _: str) -> None:
        self._generation += 1
        self._until = 0.0
