"""The schema of catalog: a product is one language-neutral document and one text document for each locale."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from luxe.kernel.tables import service_metadata

metadata = service_metadata("catalog")

categories = Table(
    "categories",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("name", JSONB, nullable=False),
    Column("parent", Text, nullable=False),
    Column("position", Integer, nullable=False),
)

products = Table(
    "products",
    metadata,
    Column("id", Text, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("brand_id", Text, nullable=False, index=True),
    Column("brand", Text, nullable=False),
    Column("brand_slug", Text, nullable=False),
    Column("category", Text, nullable=False, index=True),
    Column("document", JSONB, nullable=False),
    Column("source_locale", Text, nullable=False),
    Column("published", Boolean, nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("withdrawn", Boolean, nullable=False),
    Column("listed_at", DateTime(timezone=True), nullable=False),
    Column("on_sale", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Index("ix_products_listing", "listed_at", "id", postgresql_where=text("on_sale")),
    Index(
        "ix_products_due",
        "published_at",
        postgresql_where=text("published AND NOT withdrawn AND NOT on_sale"),
    ),
)

texts = Table(
    "texts",
    metadata,
    Column("product_id", Text, ForeignKey(products.c.id), primary_key=True),
    Column("locale", Text, primary_key=True),
    Column("document", JSONB, nullable=False),
)

variants = Table(
    "variants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("product_id", Text, ForeignKey(products.c.id), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("sku", Text, nullable=False, index=True),
    Column("options", JSONB, nullable=False),
    Column("barcode", Text, nullable=False),
    Column("weight_grams", Integer, nullable=False),
    Column("picture", Text, nullable=False),
    Column("retired", Boolean, nullable=False),
)

visibility = Table(
    "visibility",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("product_id", Text, nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    info={"append_only": True},
)
