"""The fact by which an audit row leaves the schema it was written in, towards the sealed log."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from luxe.kernel.facts import Fact


class Audited(Fact, frozen=True, kw_only=True):
    """Somebody (`actor`) did `action` to `target` in service `service`; `details` say how. `entry` is the act's own id."""

    about: ClassVar[str] = "target"

    entry: str
    service: str
    action: str
    target: str
    actor: str
    at: datetime
    request_id: str
    details: dict[str, Any]
