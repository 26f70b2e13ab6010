"""Cursors of listings: opaque to callers, checked when they come back."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from luxe.kernel.errors import BadRequest

MAX_LIMIT = 100


def encode(at: datetime, product_id: str) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{product_id}".encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[datetime, str] | None:
    """None for the first page. Raises `cursor_invalid`."""
    if not cursor:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        at, _, product_id = text.partition("|")
        when = datetime.fromisoformat(at)
    except (binascii.Error, ValueError) as error:
        raise _invalid() from error
    if when.tzinfo is None or not product_id or "\x00" in product_id:
        raise _invalid()
    return when, product_id


def check_limit(limit: int) -> int:
    """Raises `limit_invalid`."""
    if not 1 <= limit <= MAX_LIMIT:
        raise BadRequest(f"a limit is 1 to {MAX_LIMIT}", code="limit_invalid")
    return limit


def _invalid() -> BadRequest:
    return BadRequest("this cursor did not come from a listing", code="cursor_invalid")
