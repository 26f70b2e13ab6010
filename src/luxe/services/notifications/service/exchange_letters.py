"""What the mails about exchanges say."""

from __future__ import annotations

from datetime import datetime

import msgspec

from luxe.kernel.money import Money
from luxe.services.identity.contract import Account
from luxe.services.notifications.service.letter import Letter, Sources, greeting
from luxe.services.notifications.service.words import Words
from luxe.services.notifications.store.mails import Mail
from luxe.services.orders.contract import NOT_KEPT, Return


async def exchange_owes(desk: Sources, mail: Mail, account: Account, words: Words) -> Letter:
    """What the wanted piece costs more, and until when it can be paid."""
    known = await desk.orders.return_of(return_id=mail.values["return_id"], account_id=account.id)
    owed = msgspec.convert(mail.values["owed"], Money)
    until = msgspec.convert(mail.values["until"], datetime)
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("Your exchange %(number)s", number=known.number),
        heading=words.say("Your piece is here"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say(
                "We have accepted the piece that you sent us. The one that you want instead costs %(amount)s more, and is kept for you until %(day)s.",
                amount=words.money(owed),
                day=words.day(until),
            ),
            words.say(
                "If you would rather have your money back, say so on the same page, or let the day pass."
            ),
        ],
        action=words.say("Pay the difference"),
        link=desk.page(f"/exchanges/{known.run}"),
        why=words.say(
            "You receive this because you asked to exchange a piece at %(house)s.", house=desk.house_name
        ),
    )


async def approval_of(desk: Sources, known: Return, words: Words) -> str:
    """What an approval says: of a return that the money goes back, of an exchange that the other piece is kept."""
    if await desk.orders.exchanges(return_ids=[known.id]):
        return words.say(
            "Please print the label %(number)s, put it into the box and send it to us. The piece that you want instead is kept for you for thirty days, and leaves the house once this one is here and looked at.",
            number=known.number,
        )
    return words.say(
        "Please print the label %(number)s, put it into the box and send it to us. What you paid for these pieces goes back once they are here and looked at.",
        number=known.number,
    )


def decision_of(known: Return, words: Words) -> str:
    """Why it was declined: the house's own reason in the member's language, a person's as they wrote it."""
    return {NOT_KEPT: words.say("The piece that you asked for is sold out.")}.get(
        known.decision, known.decision
    )
