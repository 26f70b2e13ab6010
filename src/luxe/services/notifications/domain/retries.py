"""When to try again, and when to stop."""

from __future__ import annotations

from datetime import datetime, timedelta

MAIL_FOR = timedelta(days=1)
_MAIL_FIRST = timedelta(seconds=5)
_MAIL_LONGEST = timedelta(hours=1)

_WEBHOOK_WAITS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
)


def next_mail(attempts: int, created_at: datetime, now: datetime) -> datetime | None:
    """Twice as long each time, an hour at most; None once a day has passed since the mail was written."""
    wait = min(_MAIL_LONGEST, _MAIL_FIRST * 2 ** min(attempts - 1, 20))
    return now + wait if now + wait <= created_at + MAIL_FOR else None


def next_webhook(attempts: int, now: datetime) -> datetime | None:
    """None after the last of the waits."""
    return now + _WEBHOOK_WAITS[attempts - 1] if attempts <= len(_WEBHOOK_WAITS) else None
