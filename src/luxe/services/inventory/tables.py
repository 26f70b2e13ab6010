"""One row a unit. A unit is free, held (until a time, by a run) or sold (to an order); written-off units are deleted."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
)

from luxe.kernel.tables import service_metadata

metadata = service_metadata("inventory")

units = Table(
    "units",
    metadata,
    Column("id", Text, primary_key=True),
    Column("variant_id", Text, nullable=False),
    Column("location", Text, nullable=False),
    Column("serial", Text, nullable=False, unique=True),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("run", Text),
    Column("held_until", DateTime(timezone=True)),
    Column("order_id", Text),
    CheckConstraint("(run IS NULL) = (held_until IS NULL AND order_id IS NULL)", name="run_has_end"),
    CheckConstraint("held_until IS NULL OR order_id IS NULL", name="held_or_sold"),
    Index("ix_units_free", "variant_id", "received_at", postgresql_where="run IS NULL"),
    Index("ix_units_variant", "variant_id", postgresql_where="order_id IS NULL"),
    Index("ix_units_run", "run", postgresql_where="run IS NOT NULL"),
    Index("ix_units_held_until", "held_until", postgresql_where="held_until IS NOT NULL"),
)

runs = Table(
    "runs",
    metadata,
    Column("run", Text, primary_key=True),
    Column("ended", Boolean, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    comment="Whoever holds or releases locks the run's row first; a run that has let go holds nothing any more.",
)

movements = Table(
    "movements",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("variant_id", Text, nullable=False, index=True),
    Column("location", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("key", Text, unique=True),
    info={"append_only": True},
)
