"""Roles: granted and revoked, each with who, when and why."""

from __future__ import annotations

from luxe.kernel import clock, context
from luxe.services.identity.contract import ROLES, Account, RolesChanged
from luxe.services.identity.domain import refusals
from luxe.services.identity.service.desk import Desk
from luxe.services.identity.store import roles


class Roles(Desk):
    async def grant_role(self, *, account_id: str, role: str, reason: str) -> Account:
        """Granting what is held changes nothing."""
        await self._may_change(account_id, role)
        by = context.current().actor
        changed = await roles.grant(self.db.tx, account_id, role, by, reason, clock.now())
        return await self._told("identity.role_granted", account_id, role, reason, changed)

    async def revoke_role(self, *, account_id: str, role: str, reason: str) -> Account:
        """Revoking what is not held changes nothing."""
        await self._may_change(account_id, role)
        by = context.current().actor
        changed = await roles.revoke(self.db.tx, account_id, role, by, reason, clock.now())
        return await self._told("identity.role_revoked", account_id, role, reason, changed)

    async def _may_change(self, account_id: str, role: str) -> None:
        if role not in ROLES:
            raise refusals.role_unknown(role)
        await self._lock(account_id)

    async def _told(self, action: str, account_id: str, role: str, reason: str, changed: bool) -> Account:
        account = await self._known(account_id)
        if changed:
            self.db.emit(RolesChanged(account_id=account_id, roles=account.roles))
            self.db.audit(action, account_id, role=role, reason=reason)
            self._forget(account_id)
        return account
