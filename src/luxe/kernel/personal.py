"""Declares personal data where it is stored, so that export, erasure and masking can be derived from the tables."""

from __future__ import annotations

from typing import Literal

import msgspec


class Personal(msgspec.Struct, frozen=True, kw_only=True):
    """`owner` is the column holding the person's account id; `purpose` says why we keep it.

    `on_erasure`: `delete` the row, `blank` the column, or `keep` it under a named legal duty.
    """

    owner: str
    purpose: str
    on_erasure: Literal["delete", "blank", "keep"]
    duty: str = ""

    def __post_init__(self) -> None:
        if (self.on_erasure == "keep") != bool(self.duty):
            raise ValueError("a duty is named exactly when the data is kept")


def personal(
    owner: str, purpose: str, on_erasure: Literal["delete", "blank", "keep"], duty: str = ""
) -> dict[str, Personal]:
    """The `info` of a column that holds personal data."""
    return {"personal": Personal(owner=owner, purpose=purpose, on_erasure=on_erasure, duty=duty)}
