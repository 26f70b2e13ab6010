"""What the mails about gifts say."""

from __future__ import annotations

from luxe.services.identity.contract import Account
from luxe.services.notifications.service.letter import Letter, Sources, greeting
from luxe.services.notifications.service.words import Words
from luxe.services.notifications.store.mails import Mail


async def gift_given(desk: Sources, mail: Mail, account: Account, words: Words) -> Letter:
    gift = await desk.promotions.gift_given(card_id=mail.values["card_id"])
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("A gift card for you"),
        heading=words.say("A gift from the house"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say("We have put a gift card into your account: %(gift)s.", gift=gift.name),
            words.say(
                "Type its code in your bag, whole or bit by bit: it pays for as much as is left on it."
            ),
        ],
        facts=[
            (words.say("On the card"), words.money(gift.issued)),
            (words.say("Code"), gift.code),
        ],
        action=words.say("See my account"),
        link=desk.page("/account"),
        why=words.say("You receive this because you are a member of %(house)s.", house=desk.house_name),
    )
