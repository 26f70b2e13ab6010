"""What every verb of promotions stands on: the database, the secret, and patience with wrong codes."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from luxe.kernel import clock, errors
from luxe.kernel.house import House
from luxe.services.promotions.store import guesses

WINDOW = timedelta(minutes=15)
GUESSES = 10


class Foundation:
    def __init__(self, house: House) -> None:
        self.db = house.database("promotions")
        self.secret = house.settings.secret

    async def be_patient(self, account_id: str) -> None:
        """Raises `too_many_attempts` for an account with ten wrong codes in a quarter of an hour; right ones are refused
        as well, so that they tell nothing."""
        at = clock.now()
        wrong, first = await guesses.since(self.db.tx, account_id, at - WINDOW)
        if wrong >= GUESSES and first is not None:
            wait = ceil((first + WINDOW - at).total_seconds())
            raise errors.TooManyRequests(
                "too many wrong codes", code="too_many_attempts", retry_after=max(1, wait)
            )

    async def note_guesses(self, account_id: str, times: int) -> None:
        if times:
            await guesses.note(self.db.tx, account_id, clock.now(), times)

    async def forget_guesses(self) -> bool:
        await guesses.forget(self.db.tx, clock.now() - WINDOW)
        return False
