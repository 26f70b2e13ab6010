"""The schema of pricing: every price there has ever been, one in force for each variant and currency."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, Table, Text, text

from luxe.kernel.tables import service_metadata

metadata = service_metadata("pricing")

prices = Table(
    "prices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("variant_id", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("minor", BigInteger, nullable=False),
    Column("compare_at_minor", BigInteger),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("superseded_at", DateTime(timezone=True)),
    Column("actor", Text, nullable=False),
    CheckConstraint("minor >= 0", name="minor"),
    Index(
        "uq_prices_in_force",
        "variant_id",
        "currency",
        unique=True,
        postgresql_where=text("superseded_at IS NULL"),
    ),
    Index("ix_prices_history", "variant_id", "currency", "valid_from"),
)
