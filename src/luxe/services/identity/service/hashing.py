"""Argon2id in worker threads, a few at a time: each takes 64 MiB and a core for some tens of milliseconds."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE = 2


class Hashing:
    """Parameters by RFC 9106, section 4, second recommendation; the library's default."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._dummy = self._hasher.hash(secrets.token_urlsafe(16))

    async def hash(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, hash_: str | None, password: str) -> bool:
        """Takes the same time without a hash to compare with, and is then false."""
        async with self._turns:
            right = await asyncio.to_thread(self._verify, hash_ or self._dummy, password)
        return right and hash_ is not None

    def is_outdated(self, hash_: str) -> bool:
        return self._hasher.check_needs_rehash(hash_)

    def _verify(self, hash_: str, password: str) -> bool:
        try:
            return self._hasher.verify(hash_, password)
        except (VerificationError, InvalidHashError):
            return False
