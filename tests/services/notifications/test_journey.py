"""With the real identity and membership beside it, over the real bus: mails come by themselves, and their links work."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from luxe.services.identity.contract import EmailVerificationAsked
from luxe.services.identity.contract import Port as IdentityPort
from luxe.services.membership.contract import Port as MembershipPort
from luxe.services.notifications.service import Notifications
from luxe.services.orders.contract import Port as OrdersPort
from tests.harness import running
from tests.services.notifications.neighbours import Neighbours, Orders, hear, person
from tests.services.notifications.parties import Sink

GUEST = "guest@guests.example"


async def mail_with(sink: Sink, subject: str) -> dict[str, Any]:
    deadline = time.monotonic() + 15
    while True:
        found = [mail for mail in sink.to(GUEST) if mail["subject"] == subject]
        if found:
            assert len(found) == 1
            return found[0]
        assert time.monotonic() < deadline, f"no mail {subject!r}"
        await asyncio.sleep(0.05)


def link_in(mail: dict[str, Any], parameter: str) -> str:
    found = re.search(r"http://localhost:8400\S+", mail["text"])
    assert found is not None
    return parse_qs(urlsplit(found[0]).query)[parameter][0]


async def test_from_the_invitation_to_a_confirmed_address(sink: Sink) -> None:
    async with running(
        "notifications",
        "identity",
        "membership",
        stubs={OrdersPort: Orders()},
        background=True,
        smtp_port=sink.smtp_port,
    ) as house:
        membership, identity = house.port(MembershipPort), house.port(IdentityPort)
        await membership.invite(
            inviter_id="acc_mei", inviter_name="Mei Chen", uses=1, days=7, email=GUEST, note="Come and look."
        )
        invitation = await mail_with(sink, "Mei Chen invites you to LUXE")
        place = await membership.take_place(code=link_in(invitation, "invitation"), email=GUEST)
        account = await identity.register(
            place=place.id,
            email=GUEST,
            name="王小明",
            locale="zh-CN",
            currency="CNY",
            password="a calm harbour at dusk",
        )
        confirm = await mail_with(sink, "请确认您的电子邮箱")
        assert "王小明，您好" in confirm["text"]
        assert (await identity.verify_email(token=link_in(confirm, "token"))).email_verified
        await identity.ask_recovery(email=GUEST)
        recover = await mail_with(sink, "重新进入您的账户")
        signed_in = await identity.recover(
            token=link_in(recover, "token"), password=None, device="Phone", address="192.0.2.1"
        )
        assert signed_in.account.id == account.id


async def test_two_processes_share_the_queue(sink: Sink, neighbours: Neighbours) -> None:
    neighbours.identity.add(person("acc_guest", email=GUEST))
    async with running("notifications", stubs=neighbours.stubs, smtp_port=sink.smtp_port) as house:
        peer = Notifications(house.house)
        sink.fault(refuse=30)
        facts = [EmailVerificationAsked(account_id="acc_guest", ticket=f"tkt_{n}") for n in range(30)]
        await hear(house, *facts)
        await house.service("notifications").idle()
        assert sink.to(GUEST) == []
        async with house.database("notifications").transaction() as tx:
            await tx.exec_driver_sql("UPDATE notifications.mails SET due_at = created_at")
        for service in (peer, house.service("notifications")):
            service.nudge()
        for service in (peer, house.service("notifications")):
            await service.idle()
        assert len(sink.to(GUEST)) == 30
        assert len({mail["text"] for mail in sink.to(GUEST)}) == 30
        await peer.close()
