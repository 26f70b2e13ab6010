"""Passkeys: WebAuthn ceremonies for one relying party, as plain functions of bytes.

Source: Web Authentication Level 3, sections 7.1 and 7.2, by the py_webauthn library.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec
import webauthn
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from luxe.services.identity.domain import refusals

_ANSWER_LIMIT = 64_000


class RelyingParty(msgspec.Struct, frozen=True):
    """`id` is a host name; `origin` is what a browser says it is at."""

    id: str
    origin: str
    name: str

    @classmethod
    def at(cls, public_url: str, name: str) -> RelyingParty:
        parts = urlsplit(public_url)
        return cls(parts.hostname or "", f"{parts.scheme}://{parts.netloc}", name)


class NewPasskey(msgspec.Struct, frozen=True):
    credential_id: bytes
    public_key: bytes
    sign_count: int
    backed_up: bool


class Answer(msgspec.Struct, frozen=True):
    """What can be read off an answer before it is verified."""

    credential_id: bytes
    challenge: bytes
    user_handle: bytes


def creation_options(
    party: RelyingParty, user: bytes, email: str, name: str, challenge: bytes, known: Sequence[bytes]
) -> str:
    """The JSON for `navigator.credentials.create`: discoverable, user verification preferred."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=user,
        user_name=email,
        user_display_name=name,
        challenge=challenge,
        timeout=300_000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in known],
    )
    return webauthn.options_to_json(options)


def request_options(party: RelyingParty, challenge: bytes) -> str:
    """The JSON for `navigator.credentials.get`; the authenticator offers what it keeps for this house."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=300_000,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return webauthn.options_to_json(options)


def read_answer(credential: str) -> Answer:
    """Raises `passkey_invalid` for anything that is not the JSON of a `PublicKeyCredential`."""
    if len(credential) > _ANSWER_LIMIT:
        raise refusals.passkey_invalid()
    try:
        body = msgspec.json.decode(credential)
        response = body["response"]
        client = msgspec.json.decode(base64url_to_bytes(response["clientDataJSON"]))
        return Answer(
            credential_id=base64url_to_bytes(body["rawId"]),
            challenge=base64url_to_bytes(client["challenge"]),
            user_handle=base64url_to_bytes(response.get("userHandle") or ""),
        )
    except (msgspec.DecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise refusals.passkey_invalid() from error


def verify_creation(party: RelyingParty, credential: str, challenge: bytes) -> NewPasskey:
    """Raises `passkey_invalid`."""
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
        )
    except Exception as error:  # the library parses hostile bytes and lets many kinds of errors through
        raise refusals.passkey_invalid() from error
    return NewPasskey(
        made.credential_id, made.credential_public_key, made.sign_count, made.credential_backed_up
    )


def verify_use(
    party: RelyingParty, credential: str, challenge: bytes, public_key: bytes, sign_count: int
) -> int:
    """The new signature counter. Raises `passkey_invalid`, also for a counter that did not grow (a cloned key)."""
    try:
        used = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
        )
    except Exception as error:  # as above
        raise refusals.passkey_invalid() from error
    return used.new_sign_count
