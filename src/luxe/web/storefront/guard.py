"""Who may see the storefront: members. Everybody else is shown where they belong, and nothing of the house."""

from __future__ import annotations

from litestar.response import Redirect

from luxe.kernel.auth import Principal
from luxe.kernel.house import House
from luxe.web.site import Site, Visitor, WebRequest, site_of


async def member(request: WebRequest, principal: Principal, house: House) -> tuple[Site, Visitor] | Redirect:
    """The same answer for every address of the house, whether or not there is something at it."""
    if not principal.known:
        return Redirect("/", status_code=303)
    if "member" not in principal.roles:
        return Redirect("/office" if "operator" in principal.roles else "/join/application", status_code=303)
    site = site_of(house)
    return site, await site.visitor(request, principal)
