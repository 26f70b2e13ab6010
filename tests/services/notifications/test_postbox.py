"""Letters share connections, and a connection that went away in between costs no letter and doubles none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email.message import EmailMessage

import aiosmtplib
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from luxe.services.notifications.service.postbox import Postbox


class Server:
    """A mail server in this process that counts who connects and can hang up."""

    def __init__(self) -> None:
        self.port = 0
        self.connections: list[SMTP] = []
        self.subjects: list[str] = []
        self.refuse = False

    def answer(self) -> SMTP:
        self.connections.append(SMTP(self, hostname="mail.example"))
        return self.connections[-1]

    def hang_up(self) -> None:
        for connection in self.connections:
            if connection.transport is not None:
                connection.transport.close()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuse:
            return "451 not now"
        content = envelope.content
        assert isinstance(content, bytes)
        self.subjects += [line[9:].decode() for line in content.splitlines() if line.startswith(b"Subject: ")]
        return "250 taken"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    it = Server()
    listening = await asyncio.get_running_loop().create_server(it.answer, "127.0.0.1", 0)
    it.port = listening.sockets[0].getsockname()[1]
    yield it
    it.hang_up()
    listening.close()


@pytest.fixture
async def postbox(server: Server) -> AsyncIterator[Postbox]:
    box = Postbox("127.0.0.1", server.port, "luxe.example")
    yield box
    box.close()


def letter(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "house@luxe.example", "member@example.com", subject
    message.set_content("A letter.")
    return message


async def test_letters_one_after_the_other_share_a_connection(server: Server, postbox: Postbox) -> None:
    for subject in ("one", "two", "three"):
        await postbox.hand_over(letter(subject))
    assert server.subjects == ["one", "two", "three"]
    assert len(server.connections) == 1


async def test_letters_at_once_each_have_their_own(server: Server, postbox: Postbox) -> None:
    await asyncio.gather(*(postbox.hand_over(letter(str(n))) for n in range(4)))
    assert sorted(server.subjects) == ["0", "1", "2", "3"]
    assert len(server.connections) == 4


async def test_a_server_that_hung_up_in_between_is_called_again(server: Server, postbox: Postbox) -> None:
    await postbox.hand_over(letter("before"))
    server.hang_up()
    await postbox.hand_over(letter("after"))
    assert server.subjects == ["before", "after"]
    assert len(server.connections) == 2


async def test_a_refused_letter_leaves_nothing_to_the_next(server: Server, postbox: Postbox) -> None:
    server.refuse = True
    with pytest.raises(aiosmtplib.SMTPDataError):
        await postbox.hand_over(letter("refused"))
    server.refuse = False
    await postbox.hand_over(letter("taken"))
    assert server.subjects == ["taken"]
