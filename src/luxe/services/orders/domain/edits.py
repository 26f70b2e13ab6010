"""Where an order may still go to: what was reckoned for its place must stay true."""

from __future__ import annotations

from luxe.services.orders.contract import Address, OrderDraft, OrderState

REDIRECTABLE: frozenset[OrderState] = frozenset({"paid"})
"""Before anything of it has left the house, and not while it is being cancelled."""


def obstacle(draft: OrderDraft, address: Address) -> str:
    """Why an order cannot go there: `country_fixed`, as its prices, duties and ways of delivery are those of one country;
    `place_fixed` where taxes were added for a place within it, or an appointment is kept there. Empty if it can."""
    before = draft.address
    if address.country != before.country:
        return "country_fixed"
    added = any(not tax.included for tax in draft.taxes)
    same_place = (address.region, address.postcode) == (before.region, before.postcode)
    if (added or draft.slot) and not same_place:
        return "place_fixed"
    return ""
