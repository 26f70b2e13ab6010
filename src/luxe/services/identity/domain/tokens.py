"""Secrets that people carry: session tokens, API keys, tickets in e-mails. Only their hashes are kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

import msgspec

_SESSION = re.compile(r"[A-Za-z0-9_-]{43}")
_API_KEY = re.compile(r"lxk_([0-9a-hj-km-np-tv-z]{26})_([A-Za-z0-9_-]{43})")
_TICKET = re.compile(r"(tkt_[0-9a-hj-km-np-tv-z]{26})\.([0-9a-f]{64})")


class ApiKey(msgspec.Struct, frozen=True):
    id: str
    secret: str


def fresh_secret() -> str:
    """256 random bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """SHA-256 is enough for 256 random bits; nothing can be guessed from it."""
    return digest_bytes(secret.encode())


def digest_bytes(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def is_session_token(token: str) -> bool:
    return _SESSION.fullmatch(token) is not None


def api_key_text(key_id: str, secret: str) -> str:
    """`lxk_<the id's own part>_<secret>`: secret scanners know it by its prefix, we find the row by its id."""
    return f"lxk_{key_id.removeprefix('key_')}_{secret}"


def parse_api_key(token: str) -> ApiKey | None:
    found = _API_KEY.fullmatch(token)
    return ApiKey(f"key_{found[1]}", found[2]) if found else None


def sign_ticket(house_secret: str, ticket_id: str) -> str:
    """The token of a ticket is computed when it is needed, so neither a row nor a fact holds it."""
    return f"{ticket_id}.{_signature(house_secret, ticket_id)}"


def ticket_of(house_secret: str, token: str) -> str | None:
    """The id of the ticket that the house signed, or None."""
    found = _TICKET.fullmatch(token)
    if found is None or not hmac.compare_digest(found[2], _signature(house_secret, found[1])):
        return None
    return found[1]


def blinded(house_secret: str, kind: str, value: str) -> str:
    """A name for a row about an e-mail or network address that does not tell the address."""
    return hmac.new(house_secret.encode(), f"identity {kind} {value}".encode(), hashlib.sha256).hexdigest()


def _signature(house_secret: str, ticket_id: str) -> str:
    return hmac.new(
        house_secret.encode(), f"identity ticket {ticket_id}".encode(), hashlib.sha256
    ).hexdigest()
