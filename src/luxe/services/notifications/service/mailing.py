"""Mails: one row for each fact, sent by SMTP at least once, under a Message-ID that stays the same."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import aiosmtplib
import structlog

from luxe.kernel import clock
from luxe.kernel.errors import Refusal
from luxe.kernel.house import House
from luxe.kernel.ids import new_id
from luxe.services.notifications.contract import MailView
from luxe.services.notifications.domain import retries
from luxe.services.notifications.service.courier import Courier
from luxe.services.notifications.service.envelopes import AddressRefused, domain_of, seal
from luxe.services.notifications.service.letters import Desk
from luxe.services.notifications.service.postbox import Postbox
from luxe.services.notifications.store import mails
from luxe.services.notifications.store.mails import Mail

AT_ONCE = 8
MAIL_SECONDS = 40.0
LEASE = timedelta(seconds=60)
_LATER = 500

log = structlog.get_logger()


class Mailing:
    def __init__(self, house: House) -> None:
        self._db = house.database("notifications")
        self._settings = house.settings
        self._desk = Desk(house)
        settings = house.settings
        self._postbox = Postbox(settings.smtp_host, settings.smtp_port, domain_of(settings.smtp_sender))
        self.courier = Courier[Mail]("mails", self._take, self._send, AT_ONCE)

    async def write(
        self, template: str, *, account_id: str = "", address: str = "", locale: str = "", **values: Any
    ) -> None:
        """Queues a mail in the open transaction; it leaves right after the commit."""
        mail = Mail(
            id=new_id("mail"),
            template=template,
            account_id=account_id,
            address=address,
            locale=locale,
            values=values,
            attempts=1,
            created_at=clock.now(),
        )
        lapses = mail.created_at + LEASE
        await mails.add(self._db.tx, mail, lapses)
        self._db.after_commit(lambda: self.courier.bring(mail, lapses - timedelta(seconds=MAIL_SECONDS)))

    async def mails(self, *, account_id: str, limit: int = 25) -> list[MailView]:
        return await mails.latest(self._db.tx, account_id, max(1, min(limit, 100)))

    async def close(self) -> None:
        await self.courier.close()
        self._postbox.close()

    async def _take(self, at_most: int) -> list[Mail]:
        now = clock.now()
        async with self._db.alone() as tx:
            return await mails.take(tx, now, now + LEASE, at_most)

    async def _send(self, mail: Mail) -> None:
        problem, lasting = await self._try(mail)
        now = clock.now()
        async with self._db.alone() as tx:
            if not problem:
                await mails.record_sent(tx, mail, now)
                return
            again_at = None if lasting else retries.next_mail(mail.attempts, mail.created_at, now)
            await mails.record_failed(tx, mail, problem, again_at)
        log.warning("mail_waits" if again_at else "mail_given_up", mail=mail.id, problem=problem)

    async def _try(self, mail: Mail) -> tuple[str, bool]:
        """What went wrong, and whether it will always; an empty problem means that the server took it."""
        try:
            async with asyncio.timeout(MAIL_SECONDS):
                letter = await self._desk.write(mail)
                sender, house = self._settings.smtp_sender, self._settings.house_name
                await self._postbox.hand_over(seal(letter, mail.id, mail.created_at, sender, house))
        except Refusal as refusal:
            return refusal.code, refusal.status < _LATER
        except AddressRefused:
            return "address_invalid", True
        except aiosmtplib.SMTPRecipientsRefused as error:
            return "recipient_refused", all(each.code >= _LATER for each in error.recipients)
        except aiosmtplib.SMTPResponseException as error:
            return f"smtp_{error.code}", isinstance(error, aiosmtplib.SMTPDataError) and error.code >= _LATER
        except (aiosmtplib.SMTPException, OSError) as error:
            return type(error).__name__, False
        except Exception as error:  # a letter that cannot be written is given up after a day like any other
            log.error("mail_failed", mail=mail.id, template=mail.template, exc_info=error)
            return type(error).__name__, False
        return "", False
