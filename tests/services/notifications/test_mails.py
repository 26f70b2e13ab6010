"""Mails against the mail sink's process, with its faults."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from luxe.kernel.money import Money
from luxe.services.identity.contract import EmailVerificationAsked, RecoveryAsked, SignedInFromNewDevice
from luxe.services.membership.contract import (
    ApplicationDecided,
    ApplicationSubmitted,
    InvitationIssued,
    MembershipActivated,
)
from luxe.services.notifications.contract import Port
from luxe.services.orders.contract import OrderCancelled, OrderPaid, OrderPlaced
from tests.harness import Running
from tests.services.notifications.neighbours import NOON, Neighbours, hear, person
from tests.services.notifications.parties import Sink
from tests.services.statements import statements

DAVID = "david@guests.example"


@pytest.fixture
def david(neighbours: Neighbours) -> str:
    return neighbours.identity.add(person("acc_david")).id


async def sent(house: Running) -> None:
    await house.service("notifications").idle()


async def again(house: Running) -> None:
    """The timer comes round."""
    await house.run_jobs("notifications")
    await sent(house)


def paid(account_id: str) -> OrderPaid:
    return OrderPaid(
        order_id="ord_1",
        account_id=account_id,
        number="LX-7K2M9Q4T",
        qualifying=Money(2_489_950, "CNY"),
        points_earned=24_899,
    )


async def test_a_fact_that_comes_twice_is_one_mail(
    house: Running, sink: Sink, port: Port, david: str
) -> None:
    await hear(house, EmailVerificationAsked(account_id=david, ticket="tkt_1"), times=2)
    await sent(house)
    (mail,) = sink.to(DAVID)
    assert mail["subject"] == "Confirm your e-mail address"
    assert "token=secret-of-tkt_1" in mail["text"]
    (row,) = await port.mails(account_id=david)
    assert (row.template, row.state, row.attempts) == ("verify_email", "sent", 1)
    assert row.sent_at is not None


async def test_no_token_is_stored(house: Running, david: str) -> None:
    await hear(house, RecoveryAsked(account_id=david, ticket="tkt_1"))
    await sent(house)
    rows = await house.rows("notifications", "SELECT mails::text AS whole FROM notifications.mails")
    assert len(rows) == 1
    assert "secret-of" not in rows[0].whole


async def test_each_fact_writes_its_mail(house: Running, sink: Sink, david: str) -> None:
    await hear(
        house,
        SignedInFromNewDevice(account_id=david, device="Safari on iPhone", at=NOON),
        ApplicationSubmitted(application_id="app_1", account_id=david),
        ApplicationDecided(application_id="app_1", account_id=david, approved=True, reason=""),
        ApplicationDecided(application_id="app_1", account_id=david, approved=False, reason="Too soon."),
        MembershipActivated(account_id=david, tier="silver", number="0001", until=NOON, run="run_1"),
        OrderPlaced(order_id="ord_1", account_id=david, number="LX-7K2M9Q4T"),
        paid(david),
        OrderCancelled(
            order_id="ord_1",
            account_id=david,
            number="LX-7K2M9Q4T",
            reason="the payment did not go through",
        ),
        InvitationIssued(invitation_id="inv_1", email="guest@guests.example", locale="zh-CN"),
        InvitationIssued(invitation_id="inv_2", email="", locale="en"),
    )
    await sent(house)
    assert sorted(mail["subject"] for mail in sink.to(DAVID)) == [
        "A new device signed in to your account",
        "About your application",
        "Your application has arrived",
        "Your application is approved",
        "Your membership is open",
        "Your order LX-7K2M9Q4T",
        "Your order LX-7K2M9Q4T is cancelled",
    ]
    (invitation,) = sink.to("guest@guests.example")
    assert invitation["subject"] == "Mei Chen 邀请您加入 LUXE"
    assert "http://localhost:8400/?invitation=code-of-inv_1" in invitation["text"]


async def test_an_order_mail_lists_its_pieces(house: Running, sink: Sink, david: str) -> None:
    await hear(house, paid(david))
    await sent(house)
    (mail,) = sink.to(DAVID)
    for part in ("Maison Orée", "52 · × 2", "CN¥25,000", "CN¥24,899.50", "December 1, 2026", "24,899 points"):
        assert part in mail["text"]
    assert "Halo <ring>" in mail["text"]
    assert "Halo &lt;ring&gt;" in mail["html"]
    assert "http://localhost:8400/orders/ord_1" in mail["html"]


async def test_a_mail_that_is_refused_for_now_comes_later(
    house: Running, sink: Sink, port: Port, david: str, later: Callable[[timedelta], None]
) -> None:
    sink.fault(refuse=2)
    await hear(house, EmailVerificationAsked(account_id=david, ticket="tkt_1"))
    await sent(house)
    await again(house)
    assert sink.to(DAVID) == []
    for wait in (6, 20):
        later(timedelta(seconds=wait))
        await again(house)
    assert len(sink.to(DAVID)) == 1
    (row,) = await port.mails(account_id=david)
    assert (row.state, row.attempts) == ("sent", 3)


async def test_a_lost_acknowledgement_is_recognisable(
    house: Running, sink: Sink, port: Port, david: str, later: Callable[[timedelta], None]
) -> None:
    sink.fault(drop_after_data=1)
    await hear(house, EmailVerificationAsked(account_id=david, ticket="tkt_1"))
    await sent(house)
    (row,) = await port.mails(account_id=david)
    assert row.state == "waiting"
    later(timedelta(seconds=6))
    await again(house)
    (row,) = await port.mails(account_id=david)
    assert (row.state, row.attempts) == ("sent", 2)
    first, second = (sink.raw(mail) for mail in sink.to(DAVID))
    assert _header(first, "Message-ID") == _header(second, "Message-ID") == f"<{row.id}@luxe.example>"


async def test_a_slow_server_is_waited_for(house: Running, sink: Sink, port: Port, david: str) -> None:
    sink.fault(delay_ms=300)
    await hear(house, paid(david), EmailVerificationAsked(account_id=david, ticket="tkt_1"))
    await again(house)
    assert len(sink.to(DAVID)) == 2
    assert {row.attempts for row in await port.mails(account_id=david)} == {1}


async def test_a_mail_taken_by_a_process_that_died_is_sent_by_another(
    house: Running, sink: Sink, david: str, later: Callable[[timedelta], None]
) -> None:
    courier = house.service("notifications")._mailing
    sink.fault(refuse=1)
    await hear(house, EmailVerificationAsked(account_id=david, ticket="tkt_1"))
    await sent(house)
    later(timedelta(seconds=6))
    assert len(await courier._take(10)) == 1
    await again(house)
    assert sink.to(DAVID) == []
    later(timedelta(seconds=70))
    await again(house)
    assert len(sink.to(DAVID)) == 1


async def test_a_mail_is_given_up_after_a_day(
    house: Running, sink: Sink, port: Port, david: str, later: Callable[[timedelta], None]
) -> None:
    sink.fault(refuse=100)
    await hear(house, EmailVerificationAsked(account_id=david, ticket="tkt_1"))
    await sent(house)
    later(timedelta(hours=25))
    await again(house)
    (row,) = await port.mails(account_id=david)
    assert (row.state, row.attempts) == ("given_up", 2)


async def test_a_letter_that_cannot_be_written_is_kept_for_a_day(
    house: Running,
    sink: Sink,
    port: Port,
    david: str,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
    later: Callable[[timedelta], None],
) -> None:
    async def fail(**_: object) -> None:
        raise RuntimeError("out of ink")

    with monkeypatch.context() as patch:
        patch.setattr(neighbours.orders, "order", fail)
        await hear(house, paid(david))
        await sent(house)
    (row,) = await port.mails(account_id=david)
    assert (row.state, row.attempts) == ("waiting", 1)
    later(timedelta(seconds=6))
    await again(house)
    assert len(sink.to(DAVID)) == 1


async def test_a_mail_to_nobody_is_given_up_at_once(house: Running, port: Port) -> None:
    await hear(house, EmailVerificationAsked(account_id="acc_gone", ticket="tkt_1"))
    await sent(house)
    (row,) = await port.mails(account_id="acc_gone")
    assert (row.state, row.attempts) == ("given_up", 1)


async def test_nothing_that_a_person_wrote_becomes_a_header(
    house: Running, sink: Sink, neighbours: Neighbours, port: Port
) -> None:
    neighbours.membership.inviter_name = "Mei\r\nBcc: all@guests.example\r\n\r\n<b>Free</b>\u2028\u202e"
    neighbours.identity.add(person("acc_eve", email="eve@guests.example\r\nBcc: all@guests.example"))
    await hear(
        house,
        InvitationIssued(invitation_id="inv_1", email="guest@guests.example", locale="en"),
        EmailVerificationAsked(account_id="acc_eve", ticket="tkt_1"),
    )
    await sent(house)
    (mail,) = sink.to("guest@guests.example")
    head = sink.raw(mail).replace("\r\n", "\n").partition("\n\n")[0]
    assert "\nBcc:" not in head
    assert mail["subject"].startswith("Mei Bcc: all@guests.example <b>Free</b>")
    assert "<b>Free</b>" not in mail["html"]
    assert sink.to("all@guests.example") == []
    assert [row.state for row in await port.mails(account_id="acc_eve")] == ["given_up"]


async def test_an_order_costs_few_statements(house: Running, david: str) -> None:
    with statements(house, "notifications") as of_placed:
        await hear(house, OrderPlaced(order_id="ord_1", account_id=david, number="LX-7K2M9Q4T"))
    with statements(house, "notifications") as of_paid:
        await hear(house, paid(david))
        await sent(house)
    assert len(of_placed) == 1, "who listens is looked up again every few seconds"
    assert len(of_paid) == 3


def _header(raw: str, name: str) -> str:
    (found,) = [line for line in raw.splitlines() if line.lower().startswith(name.lower() + ":")]
    return found.partition(":")[2].strip()
