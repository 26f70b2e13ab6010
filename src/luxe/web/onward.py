"""From a form to a payment page at another origin."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from litestar import Response

from luxe.web.site import Site, Visitor, WebRequest
from luxe.web.views import page


async def onward(request: WebRequest, site: Site, visitor: Visitor, answer: Response[Any]) -> Response[Any]:
    """The redirect that answers a form, or, where it leads to another origin, a page that goes there by itself with the
    same cookies. Source: CSP Level 3, "form-action" pre-navigation check, which browsers apply to redirects too."""
    url = answer.headers["location"]
    there = urlsplit(url)
    if not there.netloc or _origin(url) == _origin(site.settings.public_url):
        return answer
    view = page(url=url, host=there.netloc)
    shown = await site.page(request, visitor, "storefront/onward.html", view)
    shown.cookies += answer.cookies
    return shown


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
