"""Pure rules of compliance: known purposes, and the cursor of the audit log."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime

from luxe.kernel.errors import BadRequest
from luxe.services.compliance.contract import PURPOSES, AuditEntry

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


def check_consent(purpose: str, version: str) -> None:
    """Raises `purpose_unknown` or `version_invalid`."""
    if purpose not in PURPOSES:
        raise BadRequest("nobody asks for consent to this", code="purpose_unknown", purpose=purpose)
    if not _VERSION.fullmatch(version):
        raise BadRequest("a version is 1 to 40 letters, digits, dots, dashes", code="version_invalid")


def cursor_after(entry: AuditEntry) -> str:
    """Opaque to callers: the place just after an entry."""
    return base64.urlsafe_b64encode(f"{entry.at.isoformat()}|{entry.seq}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, int] | None:
    """None for the beginning. Raises `cursor_invalid`."""
    if not cursor:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        at, _, seq = text.partition("|")
        place = (datetime.fromisoformat(at), int(seq))
    except (binascii.Error, ValueError) as error:
        raise BadRequest("no listing gave this cursor", code="cursor_invalid") from error
    if place[0].tzinfo is None or not 0 <= place[1] < 2**63:
        raise BadRequest("no listing gave this cursor", code="cursor_invalid")
    return place
