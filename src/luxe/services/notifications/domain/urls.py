"""Where webhooks may go: public HTTPS addresses, and the loopback of a house that is itself on it."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_LONGEST = 2_000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class UrlRefused(ValueError):
    """The message says why, for the person who gave the address."""


def check(url: str, loopback_allowed: bool) -> None:
    """Raises `UrlRefused`. A name's addresses are looked at when it is called, not here."""
    if len(url) > _LONGEST or not url.isascii() or any(char <= " " or char in "\\\x7f" for char in url):
        raise UrlRefused("an address is plain ASCII without spaces, of at most 2,000 characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UrlRefused("this is not an address") from error
    if parts.scheme not in ("https", "http") or not host or port == 0:
        raise UrlRefused("an address begins with https:// and a host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise UrlRefused("an address has no user, password or fragment")
    if is_loopback(host):
        if not loopback_allowed:
            raise UrlRefused("this house does not call its own machine")
        return
    if parts.scheme != "https":
        raise UrlRefused("only https outside the loopback")
    if (literal := _literal(host)) is not None and not is_public(literal):
        raise UrlRefused("this address is not a public one")


def is_loopback(host: str) -> bool:
    """Whether a host is plainly written as the loopback; a name that merely resolves to it is not."""
    literal = _literal(host)
    return host.lower() == "localhost" if literal is None else literal.is_loopback


def may_connect(host: str, address: str) -> bool:
    """Whether `host` may be called at an address that it resolved to."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return found.is_loopback if is_loopback(host) else is_public(found)


def is_public(address: Address) -> bool:
    """Global unicast; IPv6 forms that carry an IPv4 address are judged by that address."""
    if isinstance(address, ipaddress.IPv6Address):
        carried = address.ipv4_mapped or address.sixtofour
        if carried is None and address in _NAT64:
            carried = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if carried is not None:
            return is_public(carried)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
