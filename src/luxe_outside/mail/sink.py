"""The SMTP side: every accepted message is on disk before its 250; faults are told by count."""

import asyncio
import secrets
import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from msgspec import Struct

from luxe_outside.database import Database

from . import store
from .store import Received

MAX_MESSAGE = 10 * 1024 * 1024


class MailFaults(Struct, kw_only=True):
    """`refuse` answers 451; `drop_after_data` keeps the message and hangs up before the 250."""

    refuse: int = 0
    drop_after_data: int = 0
    delay_ms: int = 0


class Sink:
    """aiosmtpd's handler: its method names are that library's."""

    def __init__(self, db: Database):
        self._db = db
        self.faults = MailFaults()

    def connection(self) -> SMTP:
        """A protocol for one client."""
        return SMTP(
            self,
            hostname="mail.sink.invalid",
            ident="LUXE mail sink",
            enable_SMTPUTF8=True,
            data_size_limit=MAX_MESSAGE,
            timeout=60,
        )

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.faults.delay_ms:
            await asyncio.sleep(self.faults.delay_ms / 1000)
        if self.faults.refuse > 0:
            self.faults.refuse -= 1
            return "451 4.3.0 The mailbox is out of order, try again later"
        message = _received(envelope)
        await self._db.write(lambda tx: store.insert_message(tx, message))
        if self.faults.drop_after_data > 0:
            self.faults.drop_after_data -= 1
            connection: Any = server.transport
            connection.abort()
        return f"250 2.0.0 Kept as {message.id}"


def parse(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, _class=EmailMessage, policy=default)


def _received(envelope: Envelope) -> Received:
    content = envelope.content or b""
    raw = content.encode() if isinstance(content, str) else content
    return Received(
        id=f"m_{secrets.token_hex(12)}",
        received=time.time(),
        sender=envelope.mail_from or "",
        recipients=list(envelope.rcpt_tos),
        subject=store.subject_of(parse(raw)),
        raw=raw,
    )
