"""The form of an example in the OpenAPI document."""

from __future__ import annotations

from typing import Any

import msgspec


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One call. `parameters` by name, wherever they belong; `status` is what it answers if not the first documented."""

    parameters: dict[str, Any] = {}
    body: dict[str, Any] | None = None
    status: int | None = None


def example_id(prefix: str, last: int = 1) -> str:
    return f"{prefix}_01jd7q2x8zf3k9m4n5p6r7s80{last}"
