"""Fixtures that every suite shares."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["local", "http"])
def binding(request: pytest.FixtureRequest) -> str:
    """A port's suite runs twice: bound to the object, and bound over HTTP."""
    return request.param
