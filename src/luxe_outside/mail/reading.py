"""A message as people and programs read it: its text, its HTML and what hangs on it."""

from email.message import EmailMessage
from typing import Any

from msgspec import Struct

from .sink import parse
from .store import Received


class Attachment(Struct, frozen=True):
    name: str
    type: str
    size: int


class Message(Struct, kw_only=True, frozen=True):
    """`sender` and `recipients` are the envelope's; `headers` keep the order and repetition of the bytes."""

    id: str
    received: float
    sender: str
    recipients: list[str]
    subject: str
    text: str | None
    html: str | None
    headers: list[tuple[str, str]]
    attachments: list[Attachment]


def read(stored: Received) -> Message:
    parsed = parse(stored.raw)
    return Message(
        id=stored.id,
        received=stored.received,
        sender=stored.sender,
        recipients=stored.recipients,
        subject=stored.subject,
        text=_body(parsed, "plain"),
        html=_body(parsed, "html"),
        headers=[(name, str(value)) for name, value in parsed.items()],
        attachments=[_attachment(part) for part in parsed.iter_attachments()],
    )


def _body(parsed: EmailMessage, kind: str) -> str | None:
    part = parsed.get_body(preferencelist=(kind,))  # pyright: ignore[reportArgumentType]
    return None if part is None else _decoded(part).replace("\r\n", "\n")


def _decoded(part: Any) -> str:
    """An undecodable part is shown with replacement marks rather than not at all."""
    try:
        return part.get_content()
    except (LookupError, UnicodeDecodeError):
        return part.get_payload(decode=True).decode("utf-8", "replace")


def _attachment(part: Any) -> Attachment:
    payload = part.get_payload(decode=True) or b""
    return Attachment(part.get_filename() or "unnamed", part.get_content_type(), len(payload))
