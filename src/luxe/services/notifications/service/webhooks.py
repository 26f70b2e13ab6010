"""Webhooks: endpoints, the events that they get, and the way there."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import msgspec

from luxe.kernel import clock, errors
from luxe.kernel.facts import Fact, fact_type
from luxe.kernel.house import House
from luxe.kernel.ids import is_id, new_id
from luxe.services.notifications.contract import (
    WEBHOOK_EVENTS,
    Delivery,
    DeliveryPage,
    Endpoint,
    EndpointMade,
)
from luxe.services.notifications.domain import events as mapping
from luxe.services.notifications.domain import retries, urls
from luxe.services.notifications.service.courier import Courier
from luxe.services.notifications.service.endpoints import Endpoints
from luxe.services.notifications.service.outbound import Outbound
from luxe.services.notifications.service.signing import secret_of, signature
from luxe.services.notifications.store import webhooks
from luxe.services.notifications.store.webhooks import Parcel

MOST_ENDPOINTS = 10
MOST_SHOWN = 100
AT_ONCE = 32
EACH = 4
LEASE = timedelta(seconds=30)


class Webhooks:
    def __init__(self, house: House) -> None:
        self._db = house.database("notifications")
        self._secret = house.settings.secret
        self._loopback_allowed = urls.is_loopback(urlsplit(house.settings.public_url).hostname or "")
        self._endpoints = Endpoints(house, self._db)
        self._outbound = Outbound(self._loopback_allowed)
        self.courier = Courier[Parcel]("webhooks", self._take, self._deliver, AT_ONCE)

    async def put_endpoint(self, *, account_id: str, url: str, events: list[str]) -> EndpointMade:
        self._check(url, events)
        wanted = Endpoint(
            id=new_id("whe"), url=url, events=sorted(set(events)), active=True, created_at=clock.now()
        )
        added = await webhooks.add_endpoint(self._db.tx, wanted, account_id, MOST_ENDPOINTS)
        if added is None:
            raise errors.Conflict("an account has ten endpoints at most", code="too_many_endpoints")
        self._db.audit("notifications.endpoint_added", added.id, account=account_id, events=added.events)
        self._endpoints.changed()
        return EndpointMade(endpoint=added, secret=secret_of(self._secret, added.id))

    async def endpoints(self, *, account_id: str) -> list[Endpoint]:
        return await webhooks.of_account(self._db.tx, account_id)

    async def remove_endpoint(self, *, account_id: str, endpoint_id: str) -> None:
        await self._demand(endpoint_id, account_id)
        await webhooks.remove_endpoint(self._db.tx, endpoint_id, clock.now())
        self._db.audit("notifications.endpoint_removed", endpoint_id, account=account_id)
        self._endpoints.changed()

    async def deliveries(
        self, *, account_id: str, endpoint_id: str, cursor: str = "", limit: int = 25
    ) -> DeliveryPage:
        if cursor and not is_id(cursor, "whd"):
            raise errors.BadRequest("this is not a cursor of ours", code="cursor_invalid")
        await self._demand(endpoint_id, account_id)
        shown = max(1, min(limit, MOST_SHOWN))
        found = await webhooks.log(self._db.tx, endpoint_id, cursor, shown + 1)
        return DeliveryPage(items=found[:shown], next=found[shown - 1].id if len(found) > shown else None)

    async def redeliver(self, *, account_id: str, delivery_id: str) -> Delivery:
        stored = await webhooks.find_delivery(self._db.tx, delivery_id, account_id)
        if stored is None:
            raise errors.NotFound("no such delivery", code="delivery_unknown")
        before, now = stored.delivery, clock.now()
        self._db.after_commit(self.courier.nudge)
        waiting = await webhooks.waiting_again(self._db.tx, before.endpoint_id, before.event_id, now)
        if waiting is not None:
            return waiting
        again = {
            "id": new_id("whd"),
            "endpoint_id": before.endpoint_id,
            "event_id": before.event_id,
            "event": before.event,
            "object_id": before.object_id,
            "body": stored.body,
            "created_at": now,
        }
        return (await webhooks.add_deliveries(self._db.tx, [again]))[0]

    async def is_listened_to(self, fact: Fact) -> bool:
        async with self._db.reading():
            return bool(mapping.listeners(_event(fact), await self._endpoints.listening()))

    async def publish(self, fact: Fact) -> None:
        """Queues a fact's event for every endpoint that listens to it."""
        event = _event(fact)
        heard_by = mapping.listeners(event, await self._endpoints.listening())
        if not heard_by:
            return
        event_id, now = new_id("evt"), clock.now()
        body = event.body(event_id, now)
        rows = [
            {
                "id": new_id("whd"),
                "endpoint_id": endpoint.id,
                "event_id": event_id,
                "event": event.type,
                "object_id": event.object_id,
                "body": body,
                "created_at": now,
            }
            for endpoint in heard_by
        ]
        await webhooks.add_deliveries(self._db.tx, rows)
        self._db.after_commit(self.courier.nudge)

    async def close(self) -> None:
        await self.courier.close()
        await self._outbound.close()

    async def _take(self, at_most: int) -> list[Parcel]:
        now = clock.now()
        async with self._db.transaction() as tx:
            return await webhooks.take(tx, now, now + LEASE, at_most, EACH)

    async def _deliver(self, parcel: Parcel) -> None:
        body, at = parcel.body.encode(), int(clock.now().timestamp())
        headers = {
            "content-type": "application/json",
            "user-agent": "LUXE-Webhooks/1",
            "luxe-event-id": parcel.event_id,
            "luxe-event": parcel.event,
            "luxe-signature": signature(secret_of(self._secret, parcel.endpoint_id), at, body),
        }
        status = await self._outbound.post(parcel.url, body, headers)
        now, taken = clock.now(), 200 <= status < 300
        again_at = None if taken else retries.next_webhook(parcel.attempts, now)
        async with self._db.transaction() as tx:
            await webhooks.record(
                tx, parcel, status=status, delivered_at=now if taken else None, again_at=again_at
            )
        if again_at is None:
            self.courier.nudge()

    async def _demand(self, endpoint_id: str, account_id: str) -> None:
        if not await webhooks.is_of(self._db.tx, endpoint_id, account_id):
            raise errors.NotFound("no such endpoint", code="endpoint_unknown")

    def _check(self, url: str, events: list[str]) -> None:
        unknown = sorted(set(events) - set(WEBHOOK_EVENTS))
        if unknown or not events:
            raise errors.BadRequest(
                f"events are some of {', '.join(WEBHOOK_EVENTS)}", code="event_unknown", events=unknown
            )
        try:
            urls.check(url, self._loopback_allowed)
        except urls.UrlRefused as error:
            raise errors.BadRequest(str(error), code="endpoint_invalid") from error


def _event(fact: Fact) -> mapping.Event:
    return mapping.event_of(fact_type(type(fact)), fact.object_id, msgspec.to_builtins(fact))
