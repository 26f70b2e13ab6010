"""What stable codes say to people: refusals, moments of an order, states of a payment."""

from __future__ import annotations

from luxe.kernel.errors import Refusal
from luxe.kernel.i18n import Catalogue, format_number
from luxe.services.orders.contract import NOT_KEPT


def refusal_text(words: Catalogue, refusal: Refusal) -> str:
    """A sentence in the reader's language; a code without one of its own gets the general sentence."""
    return code_text(words, refusal.code)


def code_text(words: Catalogue, code: str) -> str:
    _ = words.gettext
    texts = {
        "sold_out": _("A piece in your bag has been sold."),
        "momentarily_held": _(
            "Somebody is buying the last piece at this moment. It may come free in a few minutes."
        ),
        "bag_changed": _("Your bag was changed elsewhere. This is how it stands now."),
        "piece_available": _("It can be had now. There is nothing to wait for."),
        "waits_full": _("You wait for as many pieces as we can keep. Give one up first."),
        "points_short": _("You have fewer points than that."),
        "points_invalid": _("This number of points cannot be used here."),
        "same_person": _("Somebody else has to decide this."),
        "own_points": _("Nobody adjusts their own points."),
        "adjustment_short": _("The member has fewer points than that."),
        "adjustment_decided": _("Somebody has decided this already."),
        "address_incomplete": _("The address is not complete."),
        "token_unknown": _("The card was not taken. Please type it again; nothing was charged."),
        "unavailable": _("Something does not answer at this moment. Please try again shortly."),
        "reason_missing": _("Give a reason; the applicant is told."),
        "note_missing": _("Write what you found out."),
        "case_resolved": _("Somebody has resolved this case already."),
        "already_decided": _("Somebody has decided this application already."),
        "ended_by_hand": _(
            "The house has ended this. If anything was charged, the house is settling it with you."
        ),
        "not_confirmed": _("Say how the run is to end, and that you have looked at it. Nothing has changed."),
        "why_missing": _("Say why the run is ended. Nothing has changed."),
        "past_pivot": _("This run cannot be undone any more. Nothing has changed."),
        "undo_first": _(
            "This run can still be undone, so it may not be left as it stands. Nothing has changed."
        ),
        "run_over": _("This run is over. Nothing has changed."),
    }
    return (
        texts.get(code)
        or _at_the_door(words).get(code)
        or _on_the_way_to_buy(words).get(code)
        or _after_sale(words).get(code)
        or _changing(words).get(code)
        or _shipping(words).get(code)
        or _("That did not work. Nothing has changed.")
    )


def _at_the_door(words: Catalogue) -> dict[str, str]:
    _ = words.gettext
    return {
        "invitation_invalid": _(
            "This code does not open the door. It may have been used, or its time has passed."
        ),
        "email_taken": _("An account with this e-mail exists. Sign in, or recover it."),
        "email_invalid": _("This is not an e-mail address we can write to."),
        "password_weak": _("This password is too short or too well known. Choose another one."),
        "sign_in_failed": _("E-mail and password do not match."),
        "too_many_attempts": _("Too many attempts. Please wait a little and try again."),
        "ticket_invalid": _("This link has been used, or its time has passed. Ask for a new one."),
        "challenge_unknown": _("That took too long. Please try again."),
        "passkey_invalid": _("The passkey was not accepted. Please try again, or use your password."),
        "last_way_in": _("This is your only way to sign in. Add another passkey or a password first."),
    }


def _shipping(words: Catalogue) -> dict[str, str]:
    _ = words.gettext
    return {
        "unit_packed": _("One of these pieces is in another shipment."),
        "units_mixed": _("What came back goes in a shipment of its own."),
        "nothing_to_pack": _("Nothing of this order can be packed."),
        "not_booked": _("The carrier has not been booked."),
        "shipment_state": _("The shipment has moved on. This is how it stands now."),
        "capacity_invalid": _("Give a place as CN or CN-Shanghai, times in order, and how many: 0 to 1,000."),
        "capacity_taken": _("More appointments than that are made already."),
    }


def _on_the_way_to_buy(words: Catalogue) -> dict[str, str]:
    """Refusals of the bag and of checkout."""
    _ = words.gettext
    return {
        "price_changed": _("A price has changed since you saw it. Please look again."),
        "code_rejected": _("A code can no longer be used for this. Please look again."),
        "gift_short": _("There is less on a gift card than there was. Please look again."),
        "method_unavailable": _("This is not to be had at this moment. Choose another one."),
        "not_delivered_there": _("We do not deliver there. Choose another address."),
        "region_unknown": _("Write the province or state of the address as that country has them."),
        "slot_missing": _("Choose an appointment."),
        "slot_unknown": _("This appointment is not to be had any more. Choose another one."),
        "slot_full": _("This appointment is not to be had any more. Choose another one."),
        "payment_failed": _("The payment did not go through."),
        "payment_expired": _("The time to pay has passed."),
        "abandoned": _("You left the payment."),
        "not_for_sale": _("A piece in your bag is no longer for sale."),
        "not_a_member": _("Your membership is not active."),
        "bag_empty": _("Your bag is empty"),
        "bag_full": _("Your bag is full. Remove something first."),
        "quantity_invalid": _("Choose between one and ten pieces."),
    }


def _after_sale(words: Catalogue) -> dict[str, str]:
    """Refusals of what is done with an order that was paid."""
    _ = words.gettext
    return {
        "order_state": _("The order has moved on meanwhile. Nothing has changed; look at how it stands now."),
        "refund_too_much": _("That is more than is left of the payment. Nothing has changed."),
        "refund_invalid": _("Write an amount above zero, in the currency of the order. Nothing has changed."),
        "return_window_over": _("The time to return it has passed. Nothing has changed."),
        "return_state": _(
            "The return has moved on meanwhile. Nothing has changed; look at how it stands now."
        ),
        "country_fixed": _("An order stays in the country that it was bought for. Nothing has changed."),
        "place_fixed": _(
            "Its taxes or its appointment are those of the place that it was bought for. Nothing has changed."
        ),
        "address_changed": _("The order goes to another address by now. Pack it again."),
        "note_invalid": _("Write a note of up to a thousand characters."),
        "notes_full": _("That is enough about one order."),
        "not_paid": _("It was not paid, so there is no invoice."),
        "unit_returned": _("A piece is in another return already. Nothing has changed."),
        "units_missing": _("Choose the pieces that go back. Nothing has changed."),
        "findings_incomplete": _("Say of each piece what you found. Nothing has changed."),
        "refund_under_way": _("Money is on its way back for this order. Please try again shortly."),
        "not_arrived": _("A piece of this order has not arrived at the house yet. Nothing has changed."),
        "wanted_unknown": _("This piece is not to be had for it. Choose another one."),
        "exchanged_before": _("A piece that came by an exchange can be returned, but not exchanged again."),
        "nothing_to_pay": _("There is nothing to pay any more. This is how it stands now."),
    }


def _changing(words: Catalogue) -> dict[str, str]:
    """Refusals of taking pieces out of an order."""
    _ = words.gettext
    return {
        "nothing_to_change": _("Choose what is to be taken out. Nothing has changed."),
        "line_unknown": _(
            "The order has moved on meanwhile. Nothing has changed; look at how it stands now."
        ),
        "order_changed": _(
            "The order has moved on meanwhile. Nothing has changed; look at how it stands now."
        ),
        "edit_empties_order": _("Nothing would be left. Cancel the order instead; nothing has changed."),
        "edit_owes": _(
            "Without these pieces a discount or free delivery would be lost, and the rest would cost more than was paid for it. Nothing has changed."
        ),
        "points_cover_goods": _(
            "Points paid for all of its pieces, so none can be taken out alone. Nothing has changed."
        ),
        "pieces_left": _("Pieces of this line have left the house already. Nothing has changed."),
        "line_packed": _("These pieces are packed already. Ask the house; nothing has changed."),
        "refund_changed": _("Something else goes back by now. Please look again; nothing has changed."),
        "edit_under_way": _("Pieces are being taken out of this order. Please try again shortly."),
    }


def points_text(words: Catalogue, kind: str) -> str:
    """What a line of a statement of points is for."""
    _ = words.gettext
    texts = {
        "earn": _("Earned with an order"),
        "redeem": _("Used for an order"),
        "expire": _("Expired"),
        "adjust": _("Adjusted"),
        "reverse": _("Taken back with a refund"),
        "restore": _("Given back with a refund"),
        "repay": _("Paid towards what was owed"),
    }
    return texts[kind]


def signed_text(number: int, locale: str) -> str:
    """A number with its sign, and nought without one."""
    shown = format_number(abs(number), locale)
    return shown if not number else ("+" if number > 0 else "−") + shown


def event_text(words: Catalogue, what: str) -> str:
    """What has happened to an order."""
    _ = words.gettext
    texts = {
        "placed": _("Order placed"),
        "paid": _("Paid"),
        "points_earned": _("Points earned"),
        "address_changed": _("Sent to another address"),
        "cancelling": _("Cancellation begun"),
        "reopened": _("Cancellation withdrawn"),
        "cancelled": _("Cancelled"),
        "partly_shipped": _("A part is on its way"),
        "shipped": _("On its way"),
        "delivered": _("Delivered"),
        "refunded": _("Refunded"),
        "edited": _("Pieces taken out"),
        "edit_undone": _("Change undone"),
        "return_requested": _("Return requested"),
        "return_approved": _("Return approved"),
        "return_declined": _("Return declined"),
        "return_withdrawn": _("Return withdrawn"),
        "return_inspected": _("Return inspected"),
        "return_refunded": _("Return accepted"),
        "return_exchanged": _("Exchanged"),
        "exchange_of": _("Goes out for a piece that came back"),
        "return_refused": _("Return refused"),
        "partly_returned": _("Partly returned"),
        "returned": _("Returned"),
    }
    return texts[what]


def decision_text(words: Catalogue, decision: str) -> str:
    """Why a return was declined, in the words of whoever did; the house's own are known in every language."""
    _ = words.gettext
    return {NOT_KEPT: _("The piece that you asked for is sold out.")}.get(decision, decision)


def return_text(words: Catalogue, state: str) -> str:
    """How a return stands."""
    _ = words.gettext
    texts = {
        "requested": _("Waits for our answer"),
        "approved": _("Approved; send it back to us"),
        "declined": _("Declined"),
        "withdrawn": _("Withdrawn"),
        "inspected": _("Here, and looked at"),
        "refunded": _("Accepted and refunded"),
        "exchanged": _("Accepted and exchanged"),
        "refused": _("Not accepted; it comes back to you"),
    }
    return texts[state]


def refund_text(words: Catalogue, kind: str) -> str:
    """What money goes back for."""
    _ = words.gettext
    texts = {
        "cancellation": _("Cancellation"),
        "goodwill": _("Goodwill"),
        "price_correction": _("Price correction"),
        "return": _("Return"),
        "edit": _("Pieces taken out"),
        "exchange": _("Exchange"),
    }
    return texts[kind]


def payment_text(words: Catalogue, state: str) -> str:
    """How a payment stands at the provider."""
    _ = words.gettext
    texts = {
        "requires_method": _("Waiting for a card"),
        "requires_action": _("Waiting for the bank's question"),
        "authorised": _("Authorised"),
        "captured": _("Captured"),
        "disputed": _("Contested by the payer's bank"),
        "voided": _("Voided"),
        "failed": _("Failed"),
        "expired": _("Expired"),
    }
    return texts[state]


def saga_text(words: Catalogue, saga: str) -> str:
    """What a run is, for people."""
    _ = words.gettext
    texts = {
        "checkout": _("Checkout"),
        "join": _("Annual fee"),
        "cancel": _("Cancellation"),
        "refund": _("Refund"),
        "return_item": _("Return"),
        "edit_order": _("Change of an order"),
        "exchange": _("Exchange"),
    }
    return texts[saga]


def run_state_text(words: Catalogue, state: str) -> str:
    _ = words.gettext
    texts = {
        "running": _("Under way"),
        "undoing": _("Being undone"),
        "stuck": _("Needs a person"),
        "done": _("Done"),
        "refused": _("Refused"),
        "ended": _("Ended by hand"),
    }
    return texts[state]


def run_moment_text(words: Catalogue, outcome: str) -> str:
    """How a step of a run went, or what a person said to it."""
    _ = words.gettext
    texts = {
        "done": _("Done"),
        "waits": _("Waits"),
        "retries": _("Failed; is tried again"),
        "refused": _("Refused"),
        "gave_up": _("Kept failing; the run turns back"),
        "undone": _("Undone"),
        "stuck": _("Kept failing; needs a person"),
        "ends": _("Turns back, to be ended"),
        "resumed": _("Somebody lets it go on"),
        "asked": _("Somebody wants it ended"),
        "ended": _("Ended by hand"),
    }
    return texts[outcome]


def tier_name(words: Catalogue, tier: str) -> str:
    _ = words.gettext
    return {"silver": _("Silver"), "gold": _("Gold"), "black": _("Black")}[tier]
