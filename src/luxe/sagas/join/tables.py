"""The runs of joining, and which run pays for an account."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from luxe.kernel.personal import personal
from luxe.kernel.saga_store import saga_metadata

metadata = saga_metadata("join")

payers = Table(
    "payers",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column(
        "run", Text, nullable=False, info=personal("account_id", "that nobody pays a fee twice", "delete")
    ),
)
