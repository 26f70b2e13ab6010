"""The pure rules of a bag."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxe.kernel.errors import Conflict
from luxe.services.bag.contract import MAX_LINES, MAX_QUANTITY
from luxe.services.bag.domain import KEYS_REMEMBERED, Contents, add, put

NOW = datetime(2026, 11, 22, tzinfo=UTC)
EMPTY = Contents(lines={}, keys=[])
VARIANTS = st.sampled_from([f"var_{number}" for number in range(60)])
STEPS = st.lists(
    st.tuples(VARIANTS, st.integers(-2, 12), st.sampled_from(["", "k1", "k2", "k3"]), st.booleans())
)


@given(STEPS)
def test_no_story_breaks_the_limits(steps: list[tuple[str, int, str, bool]]) -> None:
    contents = EMPTY
    for number, (variant_id, quantity, key, adding) in enumerate(steps):
        at = NOW + timedelta(seconds=number)
        with suppress(Conflict):
            contents = (
                add(contents, variant_id, quantity, key, at)
                if adding
                else put(contents, variant_id, quantity, at)
            )
        assert len(contents.lines) <= MAX_LINES
        assert all(1 <= line.quantity <= MAX_QUANTITY for line in contents.lines.values())
        assert all(variant == line.variant_id for variant, line in contents.lines.items())
        assert len(set(contents.keys)) == len(contents.keys) <= KEYS_REMEMBERED


@given(VARIANTS, st.integers(1, 10))
def test_adding_with_a_key_twice_is_adding_once(variant_id: str, quantity: int) -> None:
    once = add(EMPTY, variant_id, quantity, "k", NOW)
    assert add(once, variant_id, quantity, "k", NOW) == once


def test_a_line_keeps_the_time_when_it_came() -> None:
    bag = put(EMPTY, "var_a", 1, NOW)
    assert put(bag, "var_a", 5, NOW + timedelta(days=1)).lines["var_a"].added_at == NOW


def test_a_refused_addition_does_not_use_up_its_key() -> None:
    with pytest.raises(Conflict):
        add(EMPTY, "var_a", 11, "k", NOW)
    assert add(EMPTY, "var_a", 10, "k", NOW).lines["var_a"].quantity == 10
