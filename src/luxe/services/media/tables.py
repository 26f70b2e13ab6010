"""The schema of media: one row for each stored picture or model."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Integer, Table, Text

from luxe.kernel.tables import service_metadata

metadata = service_metadata("media")

assets = Table(
    "assets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source_sha256", Text, nullable=False, unique=True),
    Column("sha256", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("extension", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("colour", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
