"""One row a unit. A unit is free, held (until a time, by a run), in transit, or sold (to an order) and then shipped.
Written-off units are deleted."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from luxe.kernel.tables import service_metadata

metadata = service_metadata("inventory")

locations = Table(
    "locations",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    CheckConstraint("kind IN ('warehouse', 'boutique', 'brand')", name="kind_known"),
)

transfers = Table(
    "transfers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("variant_id", Text, nullable=False),
    Column("origin", Text, ForeignKey("inventory.locations.code"), nullable=False),
    Column("destination", Text, ForeignKey("inventory.locations.code"), nullable=False),
    Column("state", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("arrived", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("sent_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    CheckConstraint("(state = 'in_transit') = (ended_at IS NULL)", name="ends_once"),
    CheckConstraint("arrived BETWEEN 0 AND quantity", name="none_too_many"),
)

units = Table(
    "units",
    metadata,
    Column("id", Text, primary_key=True),
    Column("variant_id", Text, nullable=False),
    Column("location", Text, ForeignKey("inventory.locations.code"), nullable=False),
    Column("serial", Text, nullable=False, unique=True),
    Column("lot", Text),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column(
        "coming",
        SmallInteger,
        nullable=False,
        server_default="0",
        comment="0 it is here, 1 it comes on a day, 2 it is made to order",
    ),
    Column("expected_on", Date),
    Column("lead_days", Integer),
    Column("transfer", Text, ForeignKey("inventory.transfers.id")),
    Column("run", Text),
    Column("held_until", DateTime(timezone=True)),
    Column("order_id", Text),
    Column("shipment", Text),
    Column("shipped_at", DateTime(timezone=True)),
    CheckConstraint("(run IS NULL) = (held_until IS NULL AND order_id IS NULL)", name="run_has_end"),
    CheckConstraint("held_until IS NULL OR order_id IS NULL", name="held_or_sold"),
    CheckConstraint("transfer IS NULL OR (run IS NULL AND coming = 0)", name="moves_alone"),
    CheckConstraint("(coming = 2) = (lead_days IS NOT NULL)", name="made_to_order"),
    CheckConstraint("coming <> 1 OR expected_on IS NOT NULL", name="comes_on_a_day"),
    CheckConstraint("coming <> 0 OR expected_on IS NULL", name="has_come"),
    CheckConstraint("(shipment IS NULL) = (shipped_at IS NULL)", name="shipped_by_key"),
    CheckConstraint("shipment IS NULL OR (order_id IS NOT NULL AND coming = 0)", name="shipped_if_sold"),
    Index(
        "ix_units_free",
        "variant_id",
        "coming",
        "expected_on",
        "received_at",
        "id",
        postgresql_where="run IS NULL AND transfer IS NULL",
    ),
    Index("ix_units_variant", "variant_id", postgresql_where="order_id IS NULL"),
    Index("ix_units_run", "run", postgresql_where="run IS NOT NULL"),
    Index("ix_units_held_until", "held_until", postgresql_where="held_until IS NOT NULL"),
    Index("ix_units_order_id", "order_id", postgresql_where="order_id IS NOT NULL"),
    Index("ix_units_transfer", "transfer", postgresql_where="transfer IS NOT NULL"),
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
    Column("lot", Text),
    info={"append_only": True},
)

lots = Table(
    "lots",
    metadata,
    Column("variant_id", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    UniqueConstraint("variant_id", "number"),
    info={"append_only": True},
)

restocks = Table(
    "restocks",
    metadata,
    Column("key", Text, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("order_id", Text, nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("units", JSONB, nullable=False),
    Column("damaged", Integer, nullable=False),
    comment="What came back from which order; `units` is the answer that the same key gets again.",
    info={"append_only": True},
)

levels = Table(
    "levels",
    metadata,
    Column("variant_id", Text, primary_key=True),
    Column("low_at", Integer),
    Column("low", Boolean, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    comment="Whether a variant is low, as was last told. A sale never writes here.",
)
