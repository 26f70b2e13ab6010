"""The schema of search: what has to be indexed again, and what option values are called."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Identity, Table, Text

from luxe.kernel.tables import service_metadata

metadata = service_metadata("search")

pending = Table(
    "pending",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("object_id", Text, nullable=False),
)

labels = Table(
    "labels",
    metadata,
    Column("term", Text, primary_key=True),
    Column("locale", Text, primary_key=True),
    Column("label", Text, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("only", Boolean, primary_key=True),
)
