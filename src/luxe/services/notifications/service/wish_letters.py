"""What the mails about pieces that somebody waits for say."""

from __future__ import annotations

from luxe.kernel.errors import Conflict
from luxe.services.identity.contract import Account
from luxe.services.notifications.service.letter import Letter, Sources, greeting
from luxe.services.notifications.service.words import Words
from luxe.services.notifications.store.mails import Mail


async def piece_is_back(desk: Sources, mail: Mail, account: Account, words: Words) -> Letter:
    """Refused, and so never sent, if the piece is withdrawn or the account no member's any more."""
    found = await desk.catalog.lines(variant_ids=[mail.values["variant_id"]], locale=account.locale)
    if not found or not found[0].on_sale or "member" not in account.roles:
        raise Conflict("nobody is told of this", code="not_told")
    piece = found[0]
    name = f"{piece.title}, {piece.label}" if piece.label else piece.title
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("%(piece)s is back", piece=piece.title),
        heading=words.say("It is back"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say(
                "%(piece)s by %(house)s was sold out when you asked for it. It can be had again.",
                piece=name,
                house=piece.brand,
            ),
            words.say(
                "We wrote to everybody who asked, in the order in which they did. No piece is kept aside."
            ),
        ],
        action=words.say("See the piece"),
        link=desk.page(f"/piece/{piece.slug}?variant={piece.variant_id}"),
        why=words.say(
            "You receive this because you asked to be told when this piece is back. On the page of your wishes you can say that you no longer want to be."
        ),
    )
