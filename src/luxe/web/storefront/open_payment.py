"""The payment that a member has open: pressing Pay again, or in a second tab, leads to the same one."""

from __future__ import annotations

import hashlib

import msgspec

from luxe.kernel.errors import Refusal
from luxe.sagas.checkout.contract import CheckoutInput
from luxe.web.progress import SETTLES_WITHIN
from luxe.web.site import Site


def digest(wanted: CheckoutInput) -> str:
    """The same for two checkouts that would buy the same pieces in the same way."""
    return hashlib.sha256(msgspec.json.encode(wanted)).hexdigest()[:16]


async def still_open(site: Site, account_id: str, run: str, same: bool) -> str:
    """The provider's page where this run still waits for payment; one for something else is given up first."""
    if not run:
        return ""
    try:
        view = await site.checkout.view(run=run, account_id=account_id)
    except Refusal:
        return ""
    if not view.pay_at or same:
        return view.pay_at
    await site.checkout.abandon(run=run, account_id=account_id)
    await site.checkout.watch(run=run, account_id=account_id, seconds=SETTLES_WITHIN, ended=True)
    return ""
