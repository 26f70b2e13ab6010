"""Where webhooks may go, when things are tried again, and what a header may hold."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxe.services.notifications.domain import lines, retries, urls
from luxe.services.notifications.domain.events import Event, Listening, listeners
from tests.services.notifications.neighbours import NOON


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/luxe",
        "https://93.184.216.34/x",
        "https://[2606:4700::1111]:8443/x?y=z",
        "http://localhost:9000/hooks",
        "http://127.0.0.1:9000/",
        "http://[::1]:9000/",
    ],
)
def test_a_house_on_the_loopback_calls_public_https_and_the_loopback(url: str) -> None:
    urls.check(url, loopback_allowed=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "https://",
        "https:///x",
        "hooks.example.com",
        "https://user:word@hooks.example.com/",
        "https://user@127.0.0.1/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com/\r\nX-Injected: yes",
        "https://hooks.example.com/a b",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com:0/",
        "https://höoks.example.com/",
        "https://10.0.0.1/",
        "https://172.16.3.4/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://[::]/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:0a00:0001::1]/",
        "https://" + "a" * 2_000 + ".example/",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(urls.UrlRefused):
        urls.check(url, loopback_allowed=True)


@pytest.mark.parametrize(
    "url", ["http://localhost/", "https://127.0.0.1/", "https://[::1]/", "https://127.9.9.9/"]
)
def test_a_public_house_does_not_call_its_own_machine(url: str) -> None:
    with pytest.raises(urls.UrlRefused):
        urls.check(url, loopback_allowed=False)


@pytest.mark.parametrize(
    ("host", "address", "may"),
    [
        ("hooks.example.com", "93.184.216.34", True),
        ("hooks.example.com", "127.0.0.1", False),
        ("hooks.example.com", "::1", False),
        ("hooks.example.com", "169.254.169.254", False),
        ("hooks.example.com", "fe80::1%eth0", False),
        ("2130706433", "127.0.0.1", False),
        ("localhost", "127.0.0.1", True),
        ("localhost", "10.0.0.1", False),
    ],
)
def test_the_address_that_a_name_resolves_to_is_judged(host: str, address: str, may: bool) -> None:
    assert urls.may_connect(host, address) is may


def test_mails_are_tried_for_a_day() -> None:
    now, attempts = NOON, 0
    while (again := retries.next_mail(attempts := attempts + 1, NOON, now)) is not None:
        assert now < again <= now + timedelta(hours=1)
        now = again
    assert timedelta(hours=22) < now - NOON <= timedelta(days=1)


def test_webhooks_wait_ever_longer() -> None:
    waits = [retries.next_webhook(attempts, NOON) for attempts in range(1, 9)]
    seconds = [(wait - NOON).total_seconds() if wait else None for wait in waits]
    assert seconds == [5, 30, 120, 600, 3_600, 21_600, 86_400, None]


@given(st.text())
def test_a_line_has_no_breaks_and_no_turns(text: str) -> None:
    line = lines.one_line(text)
    assert len(line) <= 160
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in line)
    assert not set(line) & set("\u202a\u202b\u202d\u202e\u2066\u2067")
    assert line.splitlines() in ([], [line])


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nBcc: c@d.example",
        "a b@c.example",
        "@c.example",
        "a@",
        "a@b@c.example",
        "ä@c.example",
        "a@c\n",
    ],
)
def test_an_address_that_could_break_a_header_is_not_mailed(address: str) -> None:
    assert not lines.is_mailable(address)


@given(st.booleans(), st.sampled_from(["acc_1", "acc_2", ""]))
def test_only_the_wide_hear_of_others(wide: bool, owner: str) -> None:
    event = Event(type="order.paid", object_id="ord_1", account_id=owner, data={})
    endpoint = Listening(id="whe_1", account_id="acc_1", events=["order.paid"], wide=wide)
    assert bool(listeners(event, [endpoint])) is (wide or owner == "acc_1")
    deaf = Listening(id="whe_2", account_id="acc_1", events=["order.placed"], wide=wide)
    assert listeners(event, [deaf]) == []
