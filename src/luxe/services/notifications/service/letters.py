"""What each mail says. A letter holds finished text in one language; how it looks is the templates' business."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import msgspec

from luxe.services.identity.contract import Account
from luxe.services.notifications.service import (
    edit_letters,
    exchange_letters,
    gift_letters,
    order_letters,
    wish_letters,
)
from luxe.services.notifications.service.letter import Letter, Sources, greeting
from luxe.services.notifications.service.words import Words
from luxe.services.notifications.store.mails import Mail


class Desk(Sources):
    """Where letters are written."""

    async def write(self, mail: Mail) -> Letter:
        """Raises a `Refusal` of whoever is asked."""
        if not mail.account_id:
            return await _invitation(self, mail, Words(mail.locale))
        account = await self.identity.account(account_id=mail.account_id)
        return await _TEMPLATES[mail.template](self, mail, account, Words(account.locale, account.zone))


async def _verify_email(desk: Desk, mail: Mail, account: Account, words: Words) -> Letter:
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("Confirm your e-mail address"),
        heading=words.say("Confirm your address"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say(
                "Please confirm that this address is yours. The house writes to it about your application, your orders and the safety of your account."
            ),
            words.say("The link works once, and for three days. You can ask for another at any time."),
        ],
        action=words.say("Confirm this address"),
        link=await desk.identity.ticket_link(ticket=mail.values["ticket"]),
        why=words.say(
            "You receive this because an account at %(house)s was opened with this address. If it was not you, leave the link alone: the address then stays unconfirmed.",
            house=desk.house_name,
        ),
    )


async def _recover(desk: Desk, mail: Mail, account: Account, words: Words) -> Letter:
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("Return to your account"),
        heading=words.say("Return to your account"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say(
                "With the link below you come back into your account, add a passkey or set a new password. Every other device is signed out when you use it."
            ),
            words.say("The link works once, and for half an hour."),
        ],
        action=words.say("Return to my account"),
        link=await desk.identity.ticket_link(ticket=mail.values["ticket"]),
        why=words.say(
            "You receive this because somebody asked to recover the account with this address. If it was not you, there is nothing to do: without the link nothing changes."
        ),
    )


async def _new_device(desk: Desk, mail: Mail, account: Account, words: Words) -> Letter:
    at = msgspec.convert(mail.values["at"], datetime)
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("A new device signed in to your account"),
        heading=words.say("A new device"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say("A device that we had not seen before signed in to your account."),
            words.say(
                "If it was you, there is nothing to do. If not, sign that device out and change how you sign in."
            ),
        ],
        facts=[
            (words.say("Device"), mail.values["device"]),
            (words.say("Time"), words.moment(at)),
        ],
        action=words.say("See my devices"),
        link=desk.page("/account/security"),
        why=words.say("You receive this because we tell you of every sign-in from a new device."),
    )


async def _invitation(desk: Desk, mail: Mail, words: Words) -> Letter:
    link = await desk.membership.invitation_link(invitation_id=mail.values["invitation_id"])
    code = parse_qs(urlsplit(link).query)["invitation"][0]
    invitation = await desk.membership.look_at_invitation(code=code)
    inviter = invitation.inviter_name or desk.house_name
    return Letter(
        words=words,
        to=mail.address,
        subject=words.title("%(inviter)s invites you to %(house)s", inviter=inviter, house=desk.house_name),
        heading=words.say("You are invited"),
        greeting=words.say("Good day,"),
        paragraphs=[
            words.say(
                "%(inviter)s would like to introduce you to %(house)s, a house for members.",
                inviter=inviter,
                house=desk.house_name,
            ),
            words.say(
                "With the link below you open an account and apply. The invitation stands until %(day)s.",
                day=words.day(invitation.expires_at),
            ),
        ],
        quote=invitation.note,
        action=words.say("Accept the invitation"),
        link=link,
        why=words.say(
            "You receive this once, because %(inviter)s gave us your address for this invitation. If you do not use it, we write no further.",
            inviter=inviter,
        ),
    )


async def _application_submitted(desk: Desk, mail: Mail, account: Account, words: Words) -> Letter:
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("Your application has arrived"),
        heading=words.say("Your application has arrived"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say(
                "Thank you for applying. A person reads every application, and we write to you as soon as it is decided."
            ),
            words.say("You can look at your application at any time."),
        ],
        action=words.say("See my application"),
        link=desk.page("/join/application"),
        why=words.say(
            "You receive this because you applied for membership at %(house)s.", house=desk.house_name
        ),
    )


async def _application_approved(desk: Desk, mail: Mail, account: Account, words: Words) -> Letter:
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("Your application is approved"),
        heading=words.say("You are welcome here"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say("Your application is approved. Your membership opens once the annual fee is paid."),
        ],
        action=words.say("Pay the annual fee"),
        link=desk.page("/join/fee"),
        why=words.say(
            "You receive this because you applied for membership at %(house)s.", house=desk.house_name
        ),
    )


async def _application_declined(desk: Desk, mail: Mail, account: Account, words: Words) -> Letter:
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("About your application"),
        heading=words.say("About your application"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say(
                "We have read your application with care and cannot offer you a membership now. This is the reason:"
            ),
        ],
        quote=mail.values["reason"],
        action=words.say("See my application"),
        link=desk.page("/join/application"),
        why=words.say(
            "You receive this because you applied for membership at %(house)s.", house=desk.house_name
        ),
    )


async def _membership_activated(desk: Desk, mail: Mail, account: Account, words: Words) -> Letter:
    until = msgspec.convert(mail.values["until"], datetime)
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("Your membership is open"),
        heading=words.say("Welcome to the house"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say(
                "Your annual fee has arrived and your membership is open until %(day)s.", day=words.day(until)
            ),
        ],
        facts=[
            (words.say("Membership number"), mail.values["number"]),
            (words.say("Card"), _tier(words, mail.values["tier"])),
            (words.say("Open until"), words.day(until)),
        ],
        action=words.say("Enter the house"),
        link=desk.page("/"),
        why=words.say(
            "You receive this because your membership at %(house)s was opened or renewed.",
            house=desk.house_name,
        ),
    )


def _tier(words: Words, tier: str) -> str:
    return {"silver": words.say("Silver"), "gold": words.say("Gold"), "black": words.say("Black")}.get(
        tier, tier
    )


_TEMPLATES: dict[str, Callable[[Desk, Mail, Account, Words], Awaitable[Letter]]] = {
    "verify_email": _verify_email,
    "recover": _recover,
    "new_device": _new_device,
    "application_submitted": _application_submitted,
    "application_approved": _application_approved,
    "application_declined": _application_declined,
    "membership_activated": _membership_activated,
    "order_paid": order_letters.order_paid,
    "order_cancelled": order_letters.order_cancelled,
    "order_cancelled_refunded": order_letters.order_cancelled_refunded,
    "order_refunded": order_letters.order_refunded,
    "order_edited": edit_letters.order_edited,
    "exchange_owes": exchange_letters.exchange_owes,
    "order_shipped": order_letters.order_shipped,
    "parcel_sent": order_letters.parcel_sent,
    "return_approved": order_letters.return_approved,
    "return_declined": order_letters.return_declined,
    "return_refused": order_letters.return_refused,
    "piece_is_back": wish_letters.piece_is_back,
    "gift_given": gift_letters.gift_given,
}
