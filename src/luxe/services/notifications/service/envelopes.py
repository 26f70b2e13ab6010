"""From a letter to an e-mail: plain text and HTML, headers that nothing a person wrote can break."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from luxe.services.notifications.domain.lines import is_mailable, one_line
from luxe.services.notifications.service.letter import Letter

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class AddressRefused(ValueError):
    """An address that cannot stand in an envelope."""


def seal(letter: Letter, mail_id: str, created_at: datetime, sender: str, house_name: str) -> EmailMessage:
    """The same mail has the same Message-ID each time it is sealed. Raises `AddressRefused`."""
    if not is_mailable(letter.to):
        raise AddressRefused("this is not an address")
    name, from_address = parseaddr(sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=one_line(name), addr_spec=from_address)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(created_at)
    message["Message-ID"] = f"<{mail_id}@{domain_of(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(as_text(letter, house_name))
    message.add_alternative(as_html(letter, house_name), subtype="html")
    message["Content-Language"] = letter.words.tag
    return message


def domain_of(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2]


def as_text(letter: Letter, house_name: str) -> str:
    return _TEMPLATES.get_template("letter.txt").render(letter=letter, house=house_name)


def as_html(letter: Letter, house_name: str) -> str:
    return _TEMPLATES.get_template("letter.html").render(letter=letter, house=house_name)
