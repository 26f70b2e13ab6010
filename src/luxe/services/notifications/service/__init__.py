"""Use cases of notifications."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from luxe.kernel import clock
from luxe.kernel.facts import Fact
from luxe.kernel.house import House
from luxe.services.notifications.contract import Delivery, DeliveryPage, Endpoint, EndpointMade, MailView
from luxe.services.notifications.service.mailing import Mailing
from luxe.services.notifications.service.webhooks import Webhooks
from luxe.services.notifications.store import mails, webhooks

__all__ = ["Notifications"]

KEPT = timedelta(days=90)


class Notifications:
    """The whole Port: mails by `Mailing`, webhooks by `Webhooks`."""

    def __init__(self, house: House) -> None:
        self.db = house.database("notifications")
        self._mailing = Mailing(house)
        self._webhooks = Webhooks(house)

    async def mails(self, *, account_id: str, limit: int = 25) -> list[MailView]:
        return await self._mailing.mails(account_id=account_id, limit=limit)

    async def put_endpoint(self, *, account_id: str, url: str, events: list[str]) -> EndpointMade:
        return await self._webhooks.put_endpoint(account_id=account_id, url=url, events=events)

    async def endpoints(self, *, account_id: str) -> list[Endpoint]:
        return await self._webhooks.endpoints(account_id=account_id)

    async def remove_endpoint(self, *, account_id: str, endpoint_id: str) -> None:
        await self._webhooks.remove_endpoint(account_id=account_id, endpoint_id=endpoint_id)

    async def deliveries(
        self, *, account_id: str, endpoint_id: str, cursor: str = "", limit: int = 25
    ) -> DeliveryPage:
        return await self._webhooks.deliveries(
            account_id=account_id, endpoint_id=endpoint_id, cursor=cursor, limit=limit
        )

    async def redeliver(self, *, account_id: str, delivery_id: str) -> Delivery:
        return await self._webhooks.redeliver(account_id=account_id, delivery_id=delivery_id)

    async def write(
        self, template: str, *, account_id: str = "", address: str = "", locale: str = "", **values: Any
    ) -> None:
        """Queues a mail to an account, or to an address that has none."""
        await self._mailing.write(template, account_id=account_id, address=address, locale=locale, **values)

    async def is_listened_to(self, fact: Fact) -> bool:
        """Whether any webhook endpoint wants to hear of this fact."""
        return await self._webhooks.is_listened_to(fact)

    async def publish(self, fact: Fact) -> None:
        """Queues a fact for the webhook endpoints that listen to it."""
        await self._webhooks.publish(fact)

    def nudge(self) -> None:
        """Sends what is due: first attempts, retries, and what a process that died had taken."""
        self._mailing.courier.nudge()
        self._webhooks.courier.nudge()

    async def idle(self) -> None:
        """Returns when nothing is on its way out."""
        await self._mailing.courier.idle()
        await self._webhooks.courier.idle()

    async def clear_old(self) -> None:
        """Forgets what was settled long ago."""
        await mails.clear(self.db.tx, clock.now(), KEPT)
        await webhooks.clear(self.db.tx, clock.now(), KEPT)

    async def close(self) -> None:
        await self._mailing.close()
        await self._webhooks.close()
