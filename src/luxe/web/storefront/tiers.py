"""A member's card, and the way from tier to tier."""

from __future__ import annotations

from typing import Any

from luxe.kernel import i18n
from luxe.web.site import Visitor
from luxe.web.views import Card, Progress
from luxe.web.words import tier_name


def tier_progress(visitor: Visitor) -> Progress:
    """The way to the next tier, with spend that does not count yet apart."""
    _ = visitor.words.gettext
    membership = visitor.membership
    assert membership is not None

    def money(amount: Any) -> str:
        return i18n.format_money(amount, visitor.locale)

    counted_text = _("%(amount)s counted") % {"amount": money(membership.qualifying)}
    pending_text = _("%(amount)s pending") % {"amount": money(membership.pending)}
    note = _("A purchase counts when the time to return it has passed.")
    if membership.to_next is None or not membership.next_tier:
        return Progress(
            title=_("You have reached the last tier"),
            counted_text=counted_text,
            pending_text=pending_text,
            goal_text="",
            remaining_text="",
            counted=100,
            pending=0,
            note=note,
        )
    name = tier_name(visitor.words, membership.next_tier)
    goal = membership.qualifying + membership.to_next
    counted = membership.qualifying.minor * 100 // goal.minor if goal.minor else 0
    pending = min(100 - counted, membership.pending.minor * 100 // goal.minor if goal.minor else 0)
    return Progress(
        title=_("On the way to %(tier)s") % {"tier": name},
        counted_text=counted_text,
        pending_text=pending_text,
        goal_text=_("%(tier)s at %(amount)s") % {"tier": name, "amount": money(goal)},
        remaining_text=_("%(amount)s to %(tier)s") % {"tier": name, "amount": money(membership.to_next)},
        counted=counted,
        pending=pending,
        note=note,
    )


def member_card(visitor: Visitor) -> Card:
    """The card of somebody who has a membership."""
    assert visitor.membership is not None
    assert visitor.account is not None
    since = i18n.format_date(visitor.membership.since, visitor.locale, visitor.zone)
    return Card(
        tier=visitor.membership.tier,
        tier_name=tier_name(visitor.words, visitor.membership.tier),
        name=visitor.account.name,
        number=visitor.membership.number,
        since=visitor.words.gettext("Member since %(date)s") % {"date": since},
    )
