"""Payments that are made on a page of ours: a code of WeChat, or a card in a frame of the provider's."""

from __future__ import annotations

from collections.abc import Callable

from luxe.kernel import errors
from luxe.kernel.db import Database
from luxe.services.payments.contract import CardPage, Intent, PayPage
from luxe.services.payments.domain.verdicts import WAITING
from luxe.services.payments.service.provider import Fielded, Order, ProviderRefused, Scanned
from luxe.services.payments.service.providers import Providers
from luxe.services.payments.service.recording import Recording, demand
from luxe.services.payments.store import intents
from luxe.services.payments.store.intents import Known

PAID = ("authorised", "captured", "disputed")


class OurPages:
    def __init__(
        self, db: Database, providers: Providers, recording: Recording, order_of: Callable[[Known], Order]
    ) -> None:
        self.db = db
        self.providers = providers
        self.recording = recording
        self.order_of = order_of

    async def scan(self, *, run: str, account_id: str, phone: bool, client_ip: str) -> PayPage:
        known = await self._own(run, account_id)
        wechat = self.providers.of(known.intent)
        if not isinstance(wechat, Scanned):
            raise errors.NotFound("there is no such payment", code="intent_unknown")
        intent = await self.recording.ask(known, "call")
        way, address = "paid" if intent.state in PAID else "over", ""
        if intent.state in WAITING and known.wish == "":
            way, address = await wechat.way(self.order_of(known), phone=phone, client_ip=client_ip)
        return PayPage(
            way=way,
            address=address,
            amount=intent.amount,
            pay_by=wechat.pay_by(intent),
            return_path=known.return_path,
        )

    async def card(self, *, run: str, account_id: str) -> CardPage:
        known = await self._own(run, account_id)
        provider, waits = self.providers.of(known.intent), known.intent.state == "requires_method"
        frame = provider.fields(known.intent) if isinstance(provider, Fielded) else ""
        return CardPage(
            frame_url=frame if waits and known.wish == "" else "",
            hosted_url=known.intent.hosted_url,
            amount=known.intent.amount,
            return_path=known.return_path,
        )

    async def confirm(self, *, run: str, account_id: str, token: str) -> Intent:
        known = await self._own(run, account_id)
        intent, provider = known.intent, self.providers.of(known.intent)
        if not isinstance(provider, Fielded) or not provider.fields(intent):
            raise errors.NotFound("there is no such payment", code="intent_unknown")
        if intent.state != "requires_method" or known.wish:
            return await self.recording.ask(known, "call")
        try:
            standing = await provider.confirm(intent, token)
        except ProviderRefused as refused:
            if refused.code == "token_unknown":
                raise errors.BadRequest("this token is none", code="token_unknown") from refused
            standing = demand(await self.providers.of(intent).find(intent))
        return await self.recording.record(standing)

    async def _own(self, run: str, account_id: str) -> Known:
        async with self.db.reading() as tx:
            known = demand(await intents.find(tx, run))
        if known.intent.account_id != account_id:
            raise errors.NotFound("there is no such payment", code="intent_unknown")
        return known
