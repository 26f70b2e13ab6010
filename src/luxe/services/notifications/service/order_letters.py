"""What the mails about orders say."""

from __future__ import annotations

from decimal import Decimal

from luxe.kernel.money import Money
from luxe.services.identity.contract import Account
from luxe.services.notifications.service.exchange_letters import approval_of, decision_of
from luxe.services.notifications.service.letter import Letter, Piece, Sources, greeting
from luxe.services.notifications.service.words import Words
from luxe.services.notifications.store.mails import Mail
from luxe.services.orders.contract import Order, OrderDraft, Refund, Return


async def order_paid(desk: Sources, mail: Mail, account: Account, words: Words) -> Letter:
    order = await desk.orders.order(order_id=mail.values["order_id"], account_id=account.id)
    closing = ""
    if order.points_earned:
        closing = words.say(
            "You earned %(points)s points with this order.", points=words.number(order.points_earned)
        )
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("Your order %(number)s", number=order.number),
        heading=words.say("Thank you for your order"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say(
                "Your order %(number)s is paid and yours. We deliver it on %(day)s.",
                number=order.number,
                day=words.day(order.draft.deliver_on),
            ),
        ],
        pieces=_pieces(words, order),
        sums=_sums(words, order),
        closing=closing,
        action=words.say("See my order"),
        link=desk.page(f"/orders/{order.id}"),
        why=words.say("You receive this because you placed an order at %(house)s.", house=desk.house_name),
    )


async def order_cancelled(desk: Sources, mail: Mail, account: Account, words: Words) -> Letter:
    order = await desk.orders.order(order_id=mail.values["order_id"], account_id=account.id)
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("Your order %(number)s is cancelled", number=order.number),
        heading=words.say("Your order is cancelled"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say(
                "Your order %(number)s is cancelled, and you were not charged for it. If your bank still shows an amount as reserved, it lets it go within a few days.",
                number=order.number,
            ),
            words.say("Reason: %(reason)s", reason=_reason(words, mail.values["reason"])),
        ],
        pieces=_pieces(words, order),
        action=words.say("See my order"),
        link=desk.page(f"/orders/{order.id}"),
        why=words.say("You receive this because you placed an order at %(house)s.", house=desk.house_name),
    )


async def order_cancelled_refunded(desk: Sources, mail: Mail, account: Account, words: Words) -> Letter:
    order = await desk.orders.order(order_id=mail.values["order_id"], account_id=account.id)
    given = [each for each in await desk.orders.refunds(order_id=order.id) if each.kind == "cancellation"]
    reason = [words.say("Reason: %(reason)s", reason=mail.values["reason"])] if mail.values["reason"] else []
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("Your order %(number)s is cancelled", number=order.number),
        heading=words.say("Your order is cancelled"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say(
                "Your order %(number)s is cancelled. What you paid is on its way back to where you paid it from; your bank shows it within a few days.",
                number=order.number,
            ),
            *reason,
        ],
        pieces=_pieces(words, order),
        sums=[line for each in given for line in gone_back(words, each)],
        action=words.say("See my order"),
        link=desk.page(f"/orders/{order.id}"),
        why=words.say("You receive this because you placed an order at %(house)s.", house=desk.house_name),
    )


async def order_refunded(desk: Sources, mail: Mail, account: Account, words: Words) -> Letter:
    order = await desk.orders.order(order_id=mail.values["order_id"], account_id=account.id)
    given = await desk.orders.refunds(order_id=order.id)
    refund = next(each for each in given if each.id == mail.values["refund_id"])
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("A refund for your order %(number)s", number=order.number),
        heading=words.say("A part of your payment comes back"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say(
                "For your order %(number)s we have sent %(amount)s back to where you paid it from; your bank shows it within a few days.",
                number=order.number,
                amount=words.money(refund.amount),
            ),
            words.say("Return %(number)s", number=refund.reason)
            if refund.kind in ("return", "exchange")
            else words.say("Reason: %(reason)s", reason=refund.reason),
        ],
        sums=gone_back(words, refund),
        action=words.say("See my order"),
        link=desk.page(f"/orders/{order.id}"),
        why=words.say("You receive this because you placed an order at %(house)s.", house=desk.house_name),
    )


async def order_shipped(desk: Sources, mail: Mail, account: Account, words: Words) -> Letter:
    order = await desk.orders.order(order_id=mail.values["order_id"], account_id=account.id)
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("Your order %(number)s is on its way", number=order.number),
        heading=words.say("It is on its way"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say(
                "Your order %(number)s has left the house. We hand it to you on %(day)s.",
                number=order.number,
                day=words.day(order.draft.deliver_on),
            ),
        ],
        pieces=_pieces(words, order),
        action=words.say("See my order"),
        link=desk.page(f"/orders/{order.id}"),
        why=words.say("You receive this because you placed an order at %(house)s.", house=desk.house_name),
    )


async def parcel_sent(desk: Sources, mail: Mail, account: Account, words: Words) -> Letter:
    order = await desk.orders.order(order_id=mail.values["order_id"], account_id=account.id)
    carried = words.say(
        "%(carrier)s brings it, under the number %(tracking)s.",
        carrier=mail.values["carrier"],
        tracking=mail.values["tracking"],
    )
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("Your order %(number)s is on its way", number=order.number),
        heading=words.say("It is on its way"),
        greeting=greeting(words, account),
        paragraphs=[
            words.say(
                "Parcel %(parcel)s of your order %(number)s has left the house.",
                parcel=mail.values["parcel"],
                number=order.number,
            ),
            *([carried] if mail.values["tracking"] else []),
        ],
        action=words.say("See my order"),
        link=desk.page(f"/orders/{order.id}"),
        why=words.say("You receive this because you placed an order at %(house)s.", house=desk.house_name),
    )


async def return_approved(desk: Sources, mail: Mail, account: Account, words: Words) -> Letter:
    known = await desk.orders.return_of(return_id=mail.values["return_id"], account_id=account.id)
    return _about_return(
        desk,
        known,
        account,
        words,
        heading=words.say("Your return is approved"),
        said=await approval_of(desk, known, words),
        action=words.say("Print the label"),
        link=desk.page(f"/orders/{known.order_id}/returns/{known.id}/label"),
    )


async def return_declined(desk: Sources, mail: Mail, account: Account, words: Words) -> Letter:
    known = await desk.orders.return_of(return_id=mail.values["return_id"], account_id=account.id)
    return _about_return(
        desk,
        known,
        account,
        words,
        heading=words.say("About your return"),
        said=words.say("We cannot take these pieces back. This is the reason:"),
        quote=decision_of(known, words),
    )


async def return_refused(desk: Sources, mail: Mail, account: Account, words: Words) -> Letter:
    known = await desk.orders.return_of(return_id=mail.values["return_id"], account_id=account.id)
    return _about_return(
        desk,
        known,
        account,
        words,
        heading=words.say("About your return"),
        said=words.say(
            "We have looked at what you sent us and could not accept it. It is on its way back to you; your advisor tells you why."
        ),
    )


def _about_return(
    desk: Sources,
    known: Return,
    account: Account,
    words: Words,
    *,
    heading: str,
    said: str,
    quote: str = "",
    action: str = "",
    link: str = "",
) -> Letter:
    return Letter(
        words=words,
        to=account.email,
        subject=words.title("Your return %(number)s", number=known.number),
        heading=heading,
        greeting=greeting(words, account),
        paragraphs=[said],
        quote=quote,
        action=action or words.say("See my order"),
        link=link or desk.page(f"/orders/{known.order_id}"),
        why=words.say(
            "You receive this because you asked to return pieces to %(house)s.", house=desk.house_name
        ),
    )


def gone_back(words: Words, refund: Refund) -> list[tuple[str, str]]:
    """The money, and the points that moved with it."""
    points = [
        (words.say("Points given back"), refund.points_back),
        (words.say("Points taken back"), refund.points_taken),
    ]
    return [
        (words.say("Given back"), words.money(refund.amount)),
        *_to_cards(words, refund),
        *((label, words.number(number)) for label, number in points if number),
    ]


def _to_cards(words: Words, refund: Refund) -> list[tuple[str, str]]:
    if refund.gift is None or not refund.gift.minor:
        return []
    return [(words.say("Of it to your gift cards"), words.money(refund.gift))]


def _pieces(words: Words, order: Order) -> list[Piece]:
    return [
        Piece(
            brand=line.brand,
            title=line.title,
            detail=" · ".join(
                part
                for part in (line.label, f"× {words.number(line.quantity)}" if line.quantity > 1 else "")
                if part
            ),
            price=words.money(line.total),
        )
        for line in order.draft.lines
    ]


def _sums(words: Words, order: Order) -> list[tuple[str, str]]:
    draft = order.draft
    points = [(words.say("Points"), words.money(-draft.points_worth))] if draft.points else []
    cards = [
        (words.say("Gift card ending in %(ending)s", ending=each.ending), words.money(-each.amount))
        for each in draft.gifts
    ]
    return [
        (words.say("Pieces"), words.money(draft.goods)),
        *((each.name, words.money(-each.amount)) for each in draft.discounts),
        (words.say("Delivery"), words.money(draft.delivery)),
        *_taxes_added(words, draft),
        *points,
        *cards,
        (words.say("Paid"), words.money(draft.payable)),
        *_tax_included(words, draft),
    ]


def _taxes_added(words: Words, draft: OrderDraft) -> list[tuple[str, str]]:
    """By name and rate."""
    sums: dict[str, Money] = {}
    for tax in draft.taxes:
        if not tax.included and tax.amount.minor:
            label = f"{tax.name} {words.apart(f'{Decimal(tax.rate).normalize():f}%')}"
            sums[label] = sums[label] + tax.amount if label in sums else tax.amount
    return [(label, words.money(amount)) for label, amount in sums.items()]


def _tax_included(words: Words, draft: OrderDraft) -> list[tuple[str, str]]:
    included = draft.tax_included
    return [(words.say("Tax in the price"), words.money(included))] if included and included.minor else []


def _reason(words: Words, reason: str) -> str:
    """The reason that the checkout itself gives is known and translated; a person's own words stay theirs."""
    known = {"the payment did not go through": words.say("the payment did not go through")}
    return known.get(reason, reason)
