"""What a member has said so far in a checkout; it rides in a signed cookie."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from litestar import Response

from luxe.kernel import clock
from luxe.web.site import Site, Visitor, WebRequest, see
from luxe.web.storefront import sealed

COOKIE = "luxe_checkout"
PATH = "/checkout"
STEPS = ("address", "delivery", "points", "review")
_KEPT_FOR = 3600


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """`delivery` is the way of delivery, `slot` its appointment at these `hours`. `points` None until that step is done; `run` is the last try to pay, for `digest`."""

    account_id: str = ""
    address_id: str = ""
    deliver_on: date | None = None
    delivery: str = ""
    slot: str = ""
    hours: str = ""
    gift_wrap: bool = False
    gift_note: str = ""
    points: int | None = None
    run: str = ""
    digest: str = ""

    @property
    def next_step(self) -> str:
        if not self.address_id:
            return "address"
        if self.deliver_on is None:
            return "delivery"
        return "points" if self.points is None else "review"


def chosen_by(request: WebRequest, site: Site, visitor: Visitor) -> Chosen:
    """The choices of this member; a cookie that is not ours, or another member's, is as if there were none."""
    found = sealed.read(site, COOKIE, request.cookies.get(COOKIE, ""), Chosen)
    today = clock.now().date()
    if found is None or found.account_id != visitor.id:
        return Chosen(account_id=visitor.id)
    if found.deliver_on is not None and found.deliver_on < today:
        return Chosen(account_id=visitor.id)
    return found


def keep(site: Site, chosen: Chosen, url: str = PATH) -> Response[None]:
    """Sends the browser on, with what was chosen."""
    answer = see(url)
    sealed.keep(site, answer, COOKIE, chosen, path=PATH, seconds=_KEPT_FOR)
    return answer


def forget(answer: Response[Any]) -> None:
    answer.delete_cookie(COOKIE, path=PATH)
