"""The inventory of the scripts on the pages on which people pay (PCI DSS 4.0, requirement 6.4.3)."""

from __future__ import annotations

from typing import Any

from litestar import get
from litestar.response import Redirect

from luxe.kernel.auth import Principal
from luxe.kernel.house import House
from luxe.web.office.desk import operator
from luxe.web.site import WebRequest

ENTRY = "house"
"""All pages of the storefront, the checkout's among them, begin with this one script."""
WHY = "the house's own, built from islands/: one behaviour a file; no script of anybody else is allowed (script-src)"

FRAME = "the provider's fields for a card, in a frame of its own origin that no script of ours can look into (frame-src)"


@get("/office/scripts.json", include_in_schema=False)
async def scripts(request: WebRequest, principal: Principal, house: House) -> list[dict[str, Any]] | Redirect:
    """Address, digest, source and reason of each script that a page of the checkout may load."""
    found = await operator(request, principal, house)
    if isinstance(found, Redirect):
        return found
    site, _ = found
    own = [{**script._asdict(), "why": WHY} for script in site.templates.assets.scripts(ENTRY)]
    framed = f"{site.settings.psp_fields_url.rstrip('/')}/fields/"
    frame = {"url": framed, "integrity": "", "source": "the payment provider", "at_once": False, "why": FRAME}
    return [*own, frame] if site.settings.psp_fields_url else own
