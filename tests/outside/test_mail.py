"""The mail sink: real SMTP in, a mailbox and JSON out, and its faults."""

import smtplib
import time
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import httpx
import pytest

from luxe_outside.database import Database
from luxe_outside.mail import store
from tests.outside.parties import Party


@pytest.fixture
def mailbox(sink: Party) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{sink.url}/mail") as client:
        client.delete("/api/messages")
        yield client
        client.delete("/control/faults")


def letter(to: str = "ann@example.com", subject: str = "Your invitation") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "LUXE <house@example.com>"
    message["To"] = to
    message["Subject"] = subject
    message.set_content("Open http://localhost:8400/join/abc to begin.")
    message.add_alternative(
        '<p onclick="x()">Open <a href="http://localhost:8400/join/abc">your invitation</a></p>',
        subtype="html",
    )
    return message


def send(sink: Party, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", sink.ready["smtp_port"], timeout=5) as client:
        client.send_message(message)


def listed(mailbox: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    return mailbox.get("/api/messages", params=query).json()["data"]


def test_a_message_is_kept_with_both_its_parts(sink: Party, mailbox: httpx.Client):
    send(sink, letter(subject="您的邀请函"))
    (summary,) = listed(mailbox)
    assert summary | {"id": "", "received": 0} == {
        "id": "",
        "received": 0,
        "sender": "house@example.com",
        "recipients": ["ann@example.com"],
        "subject": "您的邀请函",
    }
    whole = mailbox.get(f"/api/messages/{summary['id']}").json()
    assert whole["text"] == "Open http://localhost:8400/join/abc to begin.\n"
    assert 'href="http://localhost:8400/join/abc"' in whole["html"]
    assert ["From", "LUXE <house@example.com>"] in whole["headers"]
    assert whole["attachments"] == []
    unknown = mailbox.get("/api/messages/m_unknown")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_message")


def test_messages_are_found_by_recipient_and_time(sink: Party, mailbox: httpx.Client):
    send(sink, letter("ann@example.com", "one"))
    send(sink, letter("joann@example.com", "two"))
    send(sink, letter("Ann@Example.com, bob@example.com", "three"))
    assert [message["subject"] for message in listed(mailbox)] == ["three", "two", "one"]
    mine = listed(mailbox, to="ANN@example.com")
    assert [message["subject"] for message in mine] == ["three", "one"]
    assert listed(mailbox, to="nn@example.com") == []
    assert [message["subject"] for message in listed(mailbox, after=mine[1]["id"])] == ["three", "two"]
    assert listed(mailbox, after=time.time()) == []
    assert len(listed(mailbox, limit=2)) == 2
    assert mailbox.get("/api/messages", params={"after": "yesterday"}).status_code == 422
    assert mailbox.delete("/api/messages").json() == {"deleted": 3}
    assert listed(mailbox) == []


def test_the_mailbox_shows_list_message_and_parts(sink: Party, mailbox: httpx.Client):
    assert "No messages yet." in mailbox.get("/").text
    send(sink, letter(subject="<b>bold</b>"))
    message = listed(mailbox)[0]["id"]
    assert "&lt;b&gt;bold&lt;/b&gt;" in mailbox.get("/", params={"q": "ann"}).text
    assert "Nothing has been sent" in mailbox.get("/", params={"q": "bob"}).text
    shown = mailbox.get(f"/messages/{message}").text
    assert f'<iframe src="/mail/messages/{message}/html"' in shown
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in shown
    text = mailbox.get(f"/messages/{message}", params={"part": "text"}).text
    assert '<a href="http://localhost:8400/join/abc"' in text
    assert "house@example.com" in mailbox.get(f"/messages/{message}", params={"part": "headers"}).text
    raw = mailbox.get(f"/messages/{message}/raw")
    assert raw.headers["content-type"] == "text/plain; charset=utf-8"
    assert raw.text.startswith("From: LUXE <house@example.com>\r\n")
    assert mailbox.get("/messages/m_unknown").status_code == 404


def test_html_is_shown_without_script_or_anything_from_elsewhere(sink: Party, mailbox: httpx.Client):
    send(sink, letter())
    answer = mailbox.get(f"/messages/{listed(mailbox)[0]['id']}/html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:;")
    assert policy.endswith("sandbox allow-popups allow-popups-to-escape-sandbox")
    assert answer.text.startswith('<base target="_blank">')


def test_a_broken_message_is_kept_and_shown(sink: Party, mailbox: httpx.Client):
    with smtplib.SMTP("127.0.0.1", sink.ready["smtp_port"]) as client:
        raw = b"Subject: =?utf-8?q?caf\xe9\r\nContent-Type: text/plain; charset=klingon\r\n\r\nqapla\xff"
        client.sendmail("", ["ann@example.com"], raw)
    (summary,) = listed(mailbox)
    assert "qapla" in mailbox.get(f"/api/messages/{summary['id']}").json()["text"]
    assert mailbox.get(f"/messages/{summary['id']}").status_code == 200


def test_refused_mail_is_not_kept(sink: Party, mailbox: httpx.Client):
    mailbox.post("/control/faults", json={"refuse": 1})
    with pytest.raises(smtplib.SMTPDataError) as refused:
        send(sink, letter())
    assert refused.value.smtp_code == 451
    assert listed(mailbox) == []
    send(sink, letter())
    assert len(listed(mailbox)) == 1


def test_a_lost_acknowledgement_leaves_the_message(sink: Party, mailbox: httpx.Client):
    mailbox.post("/control/faults", json={"drop_after_data": 1})
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sink, letter())
    assert len(listed(mailbox)) == 1
    send(sink, letter())
    assert len(listed(mailbox)) == 2


def test_a_delayed_answer_comes_late(sink: Party, mailbox: httpx.Client):
    assert mailbox.post("/control/faults", json={"delay_ms": 300}).json()["delay_ms"] == 300
    began = time.monotonic()
    send(sink, letter())
    assert time.monotonic() - began >= 0.3
    assert mailbox.post("/control/faults", json={"refuse": "many"}).status_code == 422


async def test_the_mailbox_forgets_the_oldest(tmp_path: Any):
    db = Database(tmp_path / "mail.sqlite3", store.SCHEMA)

    def fill(tx: store.Connection) -> None:
        for number in range(store.CAPACITY + 3):
            store.insert_message(
                tx,
                store.Received(
                    id=f"m_{number}", received=number, sender="", recipients=["a@b"], subject="", raw=b""
                ),
            )

    await db.write(fill)
    assert db.read(store.count_messages) == store.CAPACITY
    assert db.read(lambda tx: store.find_message(tx, "m_2")) is None
    assert db.read(lambda tx: store.find_message(tx, "m_3")) is not None
    assert db.read(lambda tx: tx.execute("SELECT count(*) FROM recipients").fetchone()[0]) == store.CAPACITY
    db.close()
