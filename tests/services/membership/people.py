"""Who asks to come in."""

from __future__ import annotations

from datetime import date

from luxe.kernel.money import Money
from luxe.services.membership.contract import ApplicationForm, Membership, Port

MEIS_FORM = ApplicationForm(
    full_name="Lin Mei",
    country="CN",
    city="Shanghai",
    birthday=date(1988, 5, 4),
    declared_spend=Money(80_000_000, "CNY"),
    means="Founder's dividends.",
    references=["Clara Weiss", "Paul Aubry"],
    houses=["Maison Orsay"],
    truthful=True,
)

FEE = Money(980_000, "CNY")


async def approve(membership: Port, account_id: str = "acc_mei") -> str:
    """Applies and is approved by an operator; returns the application's id."""
    application = await membership.apply(account_id=account_id, form=MEIS_FORM)
    await membership.decide(application_id=application.id, approve=True, reason="", by="acc_operator")
    return application.id


async def join(membership: Port, account_id: str = "acc_mei") -> Membership:
    await approve(membership, account_id)
    return await membership.activate(run=f"run_{account_id}", account_id=account_id, fee=FEE)
