"""The pure rules of payments."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from luxe.services.payments.domain.life import OPEN, TRANSITIONS, life, remedy, sources

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
