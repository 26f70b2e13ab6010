"""What an e-mail address is, and when two of them are one."""

from __future__ import annotations

import re

import idna
import msgspec

from luxe.services.identity.domain import refusals

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_TOP = re.compile(r"[a-z][a-z0-9-]*[a-z0-9]")


class Email(msgspec.Struct, frozen=True):
    """`address` is what we write to; `key` is what must be unique."""

    address: str
    key: str


def normalise(raw: str) -> Email:
    """A dot-atom before the @, a name of the DNS after it (RFC 5321, 4.1.2), in ASCII by UTS 46.

    The local part keeps its case in `address`, as RFC 5321, 2.4 asks, and loses it in `key`.
    Raises `email_invalid`.
    """
    local, at, domain = raw.strip().rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):
        raise refusals.email_invalid()
    try:
        host = idna.encode(domain, uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise refusals.email_invalid() from error
    _, dot, top = host.rpartition(".")
    if not dot or not _TOP.fullmatch(top) or len(local) + 1 + len(host) > 254:
        raise refusals.email_invalid()
    return Email(f"{local}@{host}", f"{local.lower()}@{host}")
