"""Codes as a run keeps them. A gift card's code is as good as money, so a run has it encrypted, and no problem names it."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from luxe.kernel.errors import Refusal
from luxe.kernel.settings import Settings
from luxe.sagas.checkout.contract import CheckoutInput

MARK = "sealed:"
"""What has it not was written by an earlier version, in clear."""


def sealed(settings: Settings, wanted: CheckoutInput) -> CheckoutInput:
    """With its codes encrypted for this account. The same codes give the same text (AES-SIV, RFC 5297), so that the same
    wish is known again."""
    if not wanted.codes and not wanted.gifts:
        return wanted
    cipher, about = _cipher(settings), [wanted.account_id.encode()]

    def seal(code: str) -> str:
        return MARK + urlsafe_b64encode(cipher.encrypt(code.encode(), about)).decode()

    return _with(wanted, seal)


def opened(settings: Settings, kept: CheckoutInput) -> CheckoutInput:
    """With its codes in clear. Raises `InvalidTag` for those that were sealed for another account."""
    if not kept.codes and not kept.gifts:
        return kept
    cipher, about = _cipher(settings), [kept.account_id.encode()]

    def unseal(code: str) -> str:
        if not code.startswith(MARK):
            return code
        return cipher.decrypt(urlsafe_b64decode(code.removeprefix(MARK)), about).decode()

    return _with(kept, unseal)


def ending(code: str) -> str:
    """Enough of a code to know it by."""
    return "".join(letter for letter in code.upper() if letter.isalnum())[-4:]


def discreet(refusal: Refusal) -> Refusal:
    """A refusal that says only how the codes end that it is about."""
    said = refusal.extra
    if "gift" in said:
        said["gift"] = ending(said["gift"])
    if "rejected" in said:
        said["rejected"] = [
            {"ending": ending(each["code"]), "reason": each["reason"]} for each in said["rejected"]
        ]
    return refusal


def _with(wanted: CheckoutInput, change: Any) -> CheckoutInput:
    gifts = [msgspec.structs.replace(gift, code=change(gift.code)) for gift in wanted.gifts]
    return msgspec.structs.replace(wanted, codes=[change(code) for code in wanted.codes], gifts=gifts)


def _cipher(settings: Settings) -> AESSIV:
    return AESSIV(hmac.new(settings.secret.encode(), b"checkout codes", hashlib.sha512).digest())
