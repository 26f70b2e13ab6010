"""Who is asking. Roles and scopes are words that services give meaning to; here they are only compared."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Literal

import msgspec

from luxe.kernel import errors
from luxe.kernel.cache import LocalCache

_REMEMBERED = timedelta(seconds=5)


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """An account behind a session, an API key, or nobody. `subject` is the account's id for both of the first two."""

    subject: str = ""
    kind: Literal["nobody", "session", "api_key"] = "nobody"
    credential: str = ""
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    locale: str = ""
    currency: str = ""
    verified: bool = False

    @property
    def known(self) -> bool:
        return self.kind != "nobody"

    def may(self, role: str, scope: str = "") -> bool:
        """A session may what its roles say; an API key needs the scope as well."""
        if self.kind == "api_key":
            return role in self.roles and (scope in self.scopes)
        return role in self.roles


NOBODY = Principal()
Authenticate = Callable[[str], Awaitable[Principal]]


class Authenticator:
    """Resolves a bearer token, remembering answers for at most five seconds.

    `forget` drops what is remembered of an account at once (sign-out everywhere, a role taken away).
    """

    def __init__(self, authenticate: Authenticate) -> None:
        self._authenticate = authenticate
        self._cache = LocalCache(20_000)
        self._tokens_of: dict[str, set[str]] = {}
        self._generation = 0

    async def principal(self, token: str) -> Principal:
        if not token:
            return NOBODY
        key = hashlib.blake2b(token.encode(), digest_size=16).hexdigest()
        found = self._cache.peek(key)
        if found is not None:
            return msgspec.msgpack.decode(found, type=Principal)
        generation = self._generation
        principal = await self._authenticate(token)
        if principal.known and generation == self._generation:
            self._cache.put(key, msgspec.msgpack.encode(principal), _REMEMBERED)
            self._remember(principal.subject, key)
        return principal

    def forget(self, subject: str) -> None:
        self._generation += 1
        for key in self._tokens_of.pop(subject, ()):
            self._cache.drop(key)

    def _remember(self, subject: str, key: str) -> None:
        if len(self._tokens_of) > 50_000:
            self._tokens_of.clear()
        self._tokens_of.setdefault(subject, set()).add(key)


def require(principal: Principal, role: str, scope: str = "") -> None:
    """Raises `Unauthenticated` or `Forbidden`."""
    if not principal.known:
        raise errors.Unauthenticated("sign in, or send an API key as a bearer token")
    if not principal.may(role, scope):
        raise errors.Forbidden("this needs the role " + role + (f" and the scope {scope}" if scope else ""))
