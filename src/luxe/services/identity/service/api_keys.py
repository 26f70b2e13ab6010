"""API keys: made, listed, revoked."""

from __future__ import annotations

from luxe.kernel import clock
from luxe.kernel.ids import new_id
from luxe.services.identity.contract import SCOPES, ApiKeyMade, ApiKeyView
from luxe.services.identity.domain import names, refusals, tokens
from luxe.services.identity.service.desk import Desk
from luxe.services.identity.store import api_keys, roles


class ApiKeys(Desk):
    async def make_api_key(self, *, account_id: str, name: str, scopes: list[str]) -> ApiKeyMade:
        await self._lock(account_id)
        for scope in scopes:
            if scope not in SCOPES:
                raise refusals.scope_unknown(scope)
            if scope.startswith("rpc:") and not await roles.held(self.db.tx, account_id, "integrator"):
                raise refusals.scope_forbidden(scope)
        key = ApiKeyView(
            id=new_id("key"),
            name=names.label(name, "API key"),
            scopes=sorted(set(scopes)),
            created_at=clock.now(),
            used_at=None,
        )
        secret = tokens.fresh_secret()
        await api_keys.add(
            self.db.tx,
            id=key.id,
            account_id=account_id,
            secret_hash=tokens.digest(secret),
            name=key.name,
            scopes=key.scopes,
            created_at=key.created_at,
        )
        self.db.audit("identity.api_key_made", account_id, key=key.id, scopes=key.scopes)
        return ApiKeyMade(key=key, secret=tokens.api_key_text(key.id, secret))

    async def api_keys(self, *, account_id: str) -> list[ApiKeyView]:
        return await api_keys.listed(self.db.tx, account_id)

    async def revoke_api_key(self, *, account_id: str, key_id: str) -> None:
        if not await api_keys.revoke(self.db.tx, account_id, key_id, clock.now()):
            raise refusals.key_unknown()
        self.db.audit("identity.api_key_revoked", account_id, key=key_id)
        self._forget(account_id)
