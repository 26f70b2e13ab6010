"""The schema of brands."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from luxe.kernel.tables import service_metadata

metadata = service_metadata("brands")

brands = Table(
    "brands",
    metadata,
    Column("id", Text, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),
    Column("country", Text, nullable=False),
    Column("founded", Integer),
    Column("story", JSONB, nullable=False),
)

agreements = Table(
    "agreements",
    metadata,
    Column("id", Text, primary_key=True),
    Column("brand_id", Text, ForeignKey(brands.c.id), nullable=False),
    Column("reference", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("territories", JSONB, nullable=False),
    Column("exclusive", Boolean, nullable=False),
    Index("uq_agreements_brand_reference", "brand_id", "reference", unique=True),
)
