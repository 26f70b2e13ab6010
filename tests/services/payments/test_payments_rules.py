"""The pure rules of payments."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from luxe.kernel.money import Money
from luxe.services.payments.contract import Intent
from luxe.services.payments.domain.life import (
    OPEN,
    TRANSITIONS,
    Change,
    Standing,
    facts_of,
    life,
    remedy,
    sources,
    tells_nobody,
)

STATES = st.sampled_from(sorted(TRANSITIONS))


def settle(news: list[str]) -> str:
    state = "requires_method"
    for arrived in news:
        state = life(arrived) if state in sources(arrived) else state  # type: ignore[arg-type]
    return state


@given(st.lists(STATES, max_size=12))
def test_news_never_takes_an_intent_back(news: list[str]) -> None:
    order = ["requires_method", "requires_action", "authorised", "voided", "failed", "expired", "captured"]
    before = "requires_method"
    for count in range(len(news) + 1):
        state = settle(news[:count])
        if before not in OPEN:
            assert state in (before, "captured"), "only money that was taken after all counts"
        assert order.index(state) >= order.index(before)
        before = state


@given(st.lists(STATES, max_size=8), st.data())
def test_repeated_and_late_news_changes_nothing(news: list[str], data: st.DataObject) -> None:
    """A history that the provider can tell, told again in part, ends the same."""
    state, story = "requires_method", []
    for arrived in news:
        if state in sources(arrived):  # type: ignore[arg-type]
            state = life(arrived)  # type: ignore[arg-type]
            story.append(arrived)
    again = data.draw(st.lists(st.sampled_from(story), max_size=5)) if story else []
    assert settle(story + again) == state


@given(STATES, st.integers(0, 10**9), st.integers(0, 10**9))
def test_after_its_remedy_nothing_is_owed(state: str, captured: int, back: int) -> None:
    refunded = min(captured, back)
    what = remedy(state, captured, refunded)  # type: ignore[arg-type]
    if what == "void":
        assert state in OPEN
    elif what == "refund":
        assert remedy(state, captured, captured) == "nothing"  # type: ignore[arg-type]
    else:
        assert captured == refunded or state == "disputed"


@given(STATES, STATES, st.sampled_from(["", "capture", "cancel"]))
def test_news_that_is_kept_without_a_word_is_never_a_fact(was: str, arrived: str, wish: str) -> None:
    worth = Money(100, "CNY")
    standing = Standing(
        psp_id="p",
        reference="i",
        state=arrived,  # type: ignore[arg-type]
        amount=worth,
        captured=0,
        refunded=0,
        provider="simulator",
    )
    intent = Intent(
        id="i",
        run="r",
        account_id="a",
        purpose="order",
        state=life(arrived) if was in sources(arrived) else was,  # type: ignore[arg-type]
        amount=worth,
        captured=worth,
        refunded=Money(0, "CNY"),
        psp_id="p",
        hosted_url="",
        method="",
        failure="",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert tells_nobody(standing) is (arrived in ("requires_method", "requires_action"))
    if tells_nobody(standing):
        assert facts_of(Change(intent=intent, was=was, wish=wish)) == []  # type: ignore[arg-type]
