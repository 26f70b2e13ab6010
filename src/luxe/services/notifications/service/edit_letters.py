"""What the mail about an order that was changed says."""

from __future__ import annotations

from luxe.services.identity.contract import Account
from luxe.services.notifications.service.letter import Letter, Piece, Sources, greeting
from luxe.services.notifications.service.order_letters import gone_back
from luxe.services.notifications.service.words import Words
from luxe.services.notifications.store.mails import Mail
from luxe.services.orders.contract import EditedPiece, LineEdit


async def order_edited(desk: Sources, mail: Mail, account: Account, words: Words) -> Letter:
    """What was taken out, what the order is now, and what goes back."""
    order = await desk.orders.order(order_id=mail.values["order_id"], account_id=account.id)
    edits = await desk.orders.line_edits(order_id=order.id)
    edit = next(each for each in edits if each.id == mail.values["edit_id"])
    refund = next(each for each in await desk.orders.refunds(order_id=order.id) if each.run == edit.run)
    sent = words.say(
        "%(amount)s go back to where you paid it from; your bank shows it within a few days.",
        amount=words.money(refund.amount),
    )
    reason = [words.say("Reason: %(reason)s", reason=edit.reason)] if edit.reason else []
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("Your order %(number)s was changed", number=order.number),
        heading=words.say("Your order was changed"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say("These pieces were taken out of your order %(number)s.", number=order.number),
            *([sent] if refund.amount.minor else []),
            *reason,
        ],
        pieces=[_piece(words, each) for each in edit.pieces],
        sums=[*_costs(words, edit), *gone_back(words, refund)],
        action=words.say("See my order"),
        link=desk.page(f"/orders/{order.id}"),
        why=words.say("You receive this because you placed an order at %(house)s.", house=desk.house_name),
    )


def _piece(words: Words, piece: EditedPiece) -> Piece:
    number = f"− {words.number(piece.before - piece.after)}"
    return Piece(
        brand=piece.brand,
        title=piece.title,
        detail=" · ".join(part for part in (piece.label, number) if part),
        price="",
    )


def _costs(words: Words, edit: LineEdit) -> list[tuple[str, str]]:
    return [
        (words.say("Cost before"), words.money(edit.before.paid)),
        (words.say("Costs now"), words.money(edit.after.paid)),
    ]
