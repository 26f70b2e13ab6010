"""Pure rules of identity."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxe.kernel.errors import Refusal
from luxe.kernel.ids import new_id
from luxe.services.identity.domain import devices, emails, names, passwords, preferences, throttling, tokens
from tests.services.identity.people import CHROME, SAFARI

ATOM = st.text("abcXYZ019!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=12)
LOCAL = st.lists(ATOM, min_size=1, max_size=3).map(".".join)
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9]{0,8})", fullmatch=True)
DOMAIN = st.tuples(st.lists(LABEL, min_size=1, max_size=3), st.sampled_from(["com", "CN", "example"])).map(
    lambda parts: ".".join([*parts[0], parts[1]])
)
SECRET = "house secret"


def _code(act: object, *arguments: object) -> str:
    with pytest.raises(Refusal) as refused:
        act(*arguments)  # type: ignore[operator]
    return refused.value.code


@given(LOCAL, DOMAIN)
def test_normalising_an_address_twice_is_normalising_it_once(local: str, domain: str) -> None:
    once = emails.normalise(f"  {local}@{domain} ")
    assert emails.normalise(once.address) == once
    assert emails.normalise(once.key).key == once.key


@given(LOCAL, DOMAIN)
def test_case_makes_no_second_person(local: str, domain: str) -> None:
    written = f"{local}@{domain}"
    assert emails.normalise(written.upper()).key == emails.normalise(written.lower()).key
    assert emails.normalise(written).address.rpartition("@")[0] == local


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        email = emails.normalise(text)
    except Refusal:
        return
    assert email.key.isascii()
    assert email.key == email.address.lower()
    assert len(email.address) <= 254
    assert not set(email.address) & set(' \r\n\t<>,;:"()[]\\')


@pytest.mark.parametrize(
    "bad",
    ["", "a", "a@", "@b.com", "a@b", "a b@c.com", "a@b..com", "a..b@c.com", ".a@c.com", "a@c.com\nbcc:x@y.z", "a@[127.0.0.1]",
     "a@-b.com", "a@b.1", "x" * 65 + "@c.com", "a@" + "b" * 64 + ".com", "a@b@c.com@", '"a b"@c.com', "a@c.com, d@e.com"],
)  # fmt: skip
def test_what_is_no_address(bad: str) -> None:
    assert _code(emails.normalise, bad) == "email_invalid"


def test_a_domain_in_another_script_is_kept_in_ascii() -> None:
    assert emails.normalise("Mei@例え.jp").address == "Mei@xn--r8jz45g.jp"
    assert emails.normalise("a@straße.de").key == "a@xn--strae-oqa.de"


def test_names_of_any_script() -> None:
    assert names.person("  林   美 ") == "林 美"
    assert names.person("Jose\u0301") == "José"
    assert names.person("علی\u200cرضا") == "علی\u200cرضا"
    assert len(names.person("é" * 120)) == 120
    for bad in ("", "   ", "\u200d", "a" * 121, "a\x00b", "a\u202eb", "a\ue000"):
        assert _code(names.person, bad) == "name_invalid"


@given(st.text(max_size=130))
def test_an_accepted_name_is_stable(text: str) -> None:
    try:
        name = names.person(text)
    except Refusal:
        return
    assert names.person(name) == name
    assert unicodedata.is_normalized("NFC", name)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "too_short"),
        ("x" * 257, "too_long"),
        ("Password123!", "common"),
        ("P4ssw0rd2026!", "common"),
        ("iloveyou1314", "common"),
        ("qwertyuiop", "common"),
        ("aaaaaaaaaaaa", "repetitive"),
        ("abcabcabcabc", "repetitive"),
        ("asdfghjklzxcv", "repetitive"),
        ("1234567890", "repetitive"),
        ("9876543210", "repetitive"),
        ("mei.lin2026", "context"),
        ("luxe-members1", "context"),
    ],
)
def test_weak_passwords(password: str, reason: str) -> None:
    words = passwords.context_words("mei.lin@luxe-members.example", "Mei Lin", "LUXE")
    with pytest.raises(Refusal) as refused:
        passwords.accept(password, words)
    assert (refused.value.code, refused.value.extra["reason"]) == ("password_weak", reason)


@pytest.mark.parametrize(
    "password",
    [
        "seven quiet herons",
        "Tr0ub4dor&3x",
        "密码很长而且没人猜得到",
        "quiet-luxury-harbour-26",
        "x" * 9 + "yz" * 123,
    ],
)
def test_good_passwords(password: str) -> None:
    assert passwords.accept(password, ["mei.lin", "luxe"]) == unicodedata.normalize("NFKC", password)


def test_every_keyboard_writes_the_same_password() -> None:
    assert passwords.accept("ｓｅｖｅｎ quiet herons", []) == "seven quiet herons"


def test_waiting_doubles_up_to_a_quarter_of_an_hour() -> None:
    seconds = [throttling.wait(failures, 5).total_seconds() for failures in range(4, 13)]
    assert seconds == [0, 30, 60, 120, 240, 480, 900, 900, 900]


@given(st.integers(0, 10_000), st.integers(0, 50))
def test_waiting_never_shrinks(failures: int, free: int) -> None:
    assert (
        timedelta(0)
        <= throttling.wait(failures, free)
        <= throttling.wait(failures + 1, free)
        <= throttling.LONGEST_WAIT
    )


def test_only_who_used_up_the_free_attempts_waits() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert throttling.seconds_left(4, 5, now + timedelta(milliseconds=1), now) == 0
    assert throttling.seconds_left(5, 5, now + timedelta(seconds=29.2), now) == 30
    assert throttling.seconds_left(5, 5, now, now) == 0


def test_devices_have_names() -> None:
    assert devices.label(SAFARI) == "Safari on iPhone"
    assert devices.label(CHROME) == "Chrome on Linux"
    assert (
        devices.label("Mozilla/5.0 (Windows NT 10.0) Chrome/143.0 Safari/537.36 Edg/143.0")
        == "Edge on Windows"
    )
    assert devices.label("curl/8.5.0") == "curl/8.5.0"
    assert devices.label("Mozilla/4.0") == devices.label("") == "Unknown device"
    assert devices.label("Ma\x07ison  2") == "Ma ison 2"
    assert devices.label("x" * 200) == "x" * 80


@given(st.text(max_size=200))
def test_a_label_is_its_own_label(agent: str) -> None:
    assert devices.label(devices.label(agent)) == devices.label(agent) or agent.startswith("Mozilla/")


def test_unknown_preferences() -> None:
    preferences.check("zh-CN", "CNY", "Asia/Shanghai")
    assert _code(preferences.check, "xx", "CNY", "UTC") == "preference_invalid"
    assert _code(preferences.check, "en", "GBP", "UTC") == "preference_invalid"
    for zone in ("Mars/Base", "../../etc/passwd", "", "/etc/localtime"):
        assert _code(preferences.check, "en", "CNY", zone) == "preference_invalid"


def test_a_ticket_token_names_its_ticket() -> None:
    ticket = new_id("tkt")
    assert tokens.ticket_of(SECRET, tokens.sign_ticket(SECRET, ticket)) == ticket
    assert tokens.ticket_of("another secret", tokens.sign_ticket(SECRET, ticket)) is None


@given(st.integers(0, 94), st.characters(codec="ascii"))
def test_a_ticket_token_changed_anywhere_is_none(place: int, char: str) -> None:
    token = tokens.sign_ticket(SECRET, new_id("tkt"))
    changed = token[:place] + char + token[place + 1 :]
    assert (tokens.ticket_of(SECRET, changed) is None) == (changed != token)


@given(st.text(max_size=120))
def test_any_text_can_be_parsed_as_a_token(text: str) -> None:
    assert tokens.ticket_of(SECRET, text) is None
    assert tokens.parse_api_key(text) is None


def test_an_api_key_is_parsed_as_it_was_written() -> None:
    key_id, secret = new_id("key"), tokens.fresh_secret()
    text = tokens.api_key_text(key_id, secret)
    assert tokens.parse_api_key(text) == tokens.ApiKey(key_id, secret)
    assert tokens.parse_api_key(text + "x") is None
    assert not tokens.is_session_token(text)
    assert tokens.is_session_token(secret)
