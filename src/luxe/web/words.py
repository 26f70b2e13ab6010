"""What stable codes say to people: refusals, moments of an order, states of a payment."""

from __future__ import annotations

from luxe.kernel.errors import Refusal
from luxe.kernel.i18n import Catalogue


def refusal_text(words: Catalogue, refusal: Refusal) -> str:
    """A sentence in the reader's language; a code without one of its own gets the general sentence."""
    return code_text(words, refusal.code)


def code_text(words: Catalogue, code: str) -> str:
    _ = words.gettext
    texts = {
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
        "sold_out": _("A piece in your bag has been sold."),
        "momentarily_held": _(
            "Somebody is buying the last piece at this moment. It may come free in a few minutes."
        ),
        "price_changed": _("A price has changed since you saw it. Please look again."),
        "points_short": _("You have fewer points than that."),
        "points_invalid": _("This number of points cannot be used here."),
        "payment_failed": _("The payment did not go through."),
        "payment_expired": _("The time to pay has passed."),
        "abandoned": _("You left the payment."),
        "not_for_sale": _("A piece in your bag is no longer for sale."),
        "not_a_member": _("Your membership is not active."),
        "bag_empty": _("Your bag is empty"),
        "bag_full": _("Your bag is full. Remove something first."),
        "quantity_invalid": _("Choose between one and ten pieces."),
        "address_incomplete": _("The address is not complete."),
        "unavailable": _("Something does not answer at this moment. Please try again shortly."),
        "reason_missing": _("Give a reason; the applicant is told."),
        "already_decided": _("Somebody has decided this application already."),
    }
    return texts.get(code) or _("That did not work. Nothing has changed.")


def event_text(words: Catalogue, what: str) -> str:
    """What has happened to an order."""
    _ = words.gettext
    texts = {
        "placed": _("Order placed"),
        "paid": _("Paid"),
        "cancelled": _("Cancelled"),
        "points_earned": _("Points earned"),
    }
    return texts[what]


def payment_text(words: Catalogue, state: str) -> str:
    """How a payment stands at the provider."""
    _ = words.gettext
    texts = {
        "requires_method": _("Waiting for a card"),
        "requires_action": _("Waiting for the bank's question"),
        "authorised": _("Authorised"),
        "captured": _("Captured"),
        "voided": _("Voided"),
        "failed": _("Failed"),
        "expired": _("Expired"),
    }
    return texts[state]
