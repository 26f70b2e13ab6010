"""Every service's audited acts come together here."""

from __future__ import annotations

from luxe.kernel.audit import Audited
from luxe.services.compliance.service import Compliance


async def collect_audited(service: Compliance, fact: Audited) -> None:
    await service.collect(fact)
