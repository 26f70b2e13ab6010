"""Tables of fulfilment: the house's tables of delivery, taxes and closed days; appointments; shipments and their labels."""

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
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from luxe.kernel.personal import personal
from luxe.kernel.tables import service_metadata

metadata = service_metadata("fulfilment")

_SHIPPED = personal("account_id", "to deliver and to prove the delivery", "keep", "bookkeeping")

delivery_rates = Table(
    "delivery_rates",
    metadata,
    Column("place", Integer, primary_key=True),
    Column("method", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("price", BigInteger),
    Column("from_value", BigInteger, nullable=False),
    Column("tiers", JSONB, nullable=False),
    Column("days_least", Integer, nullable=False),
    Column("days_most", Integer, nullable=False),
    Column("needs_slot", Boolean, nullable=False),
    CheckConstraint("price >= 0 AND from_value >= 0", name="never_negative"),
)

tax_rules = Table(
    "tax_rules",
    metadata,
    Column("place", Integer, primary_key=True),
    Column("country", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("postcode", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("rate", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("included", Boolean, nullable=False),
    Column("compound", Boolean, nullable=False),
    Column("on_delivery", Boolean, nullable=False),
    Column("rounding", Text, nullable=False),
    Column("rounded_per", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("from_value", BigInteger, nullable=False),
    Column("until_value", BigInteger),
    Column("from_day", Date),
    Column("until_day", Date),
)

closed_days = Table(
    "closed_days",
    metadata,
    Column("place", Integer, primary_key=True),
    Column("country", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("country", "day"),
)

slots = Table(
    "slots",
    metadata,
    Column("id", Text, primary_key=True),
    Column("method", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("starts", Text, nullable=False),
    Column("ends", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    UniqueConstraint("day", "place", "method", "starts"),
    CheckConstraint("capacity >= 0 AND starts < ends", name="sensible"),
)

appointments = Table(
    "appointments",
    metadata,
    Column("run", Text, primary_key=True),
    Column("slot_id", Text, ForeignKey("fulfilment.slots.id"), index=True),
    Column("state", Text, nullable=False),
    Column("order_id", Text, nullable=False, server_default=""),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    CheckConstraint("state IN ('reserved', 'released', 'confirmed')", name="state"),
    CheckConstraint("(state = 'confirmed') = (order_id <> '')", name="confirmed_for_an_order"),
    CheckConstraint("slot_id IS NOT NULL OR state = 'released'", name="stands_on_a_slot"),
    comment="A released row without a slot says that a run may reserve nothing any more.",
)

shipments = Table(
    "shipments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("key", Text, nullable=False),
    Column("order_id", Text, nullable=False, index=True),
    Column("order_number", Text, nullable=False),
    Column("account_id", Text, nullable=False, info=_SHIPPED),
    Column("method", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("resent", Boolean, nullable=False),
    Column("booking", Text, nullable=False),
    Column("carrier", Text, nullable=False, server_default=""),
    Column("carrier_id", Text, nullable=False, server_default=""),
    Column("tracking_number", Text, nullable=False, server_default=""),
    Column("tracking_url", Text, nullable=False, server_default=""),
    Column("problem", Text, nullable=False, server_default=""),
    Column("parcel", JSONB, nullable=False, info=_SHIPPED),
    Column("heard_seq", Integer, nullable=False, server_default="0"),
    Column("packed_by", Text, nullable=False),
    Column("packed_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("ask_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("packed_by", "key"),
    CheckConstraint(
        "state IN ('packed', 'called_off', 'handed_over', 'in_transit', 'out_for_delivery', 'delivered', 'exception', "
        "'returned_to_sender', 'lost')",
        name="state",
    ),
    CheckConstraint(
        "booking IN ('none', 'wanted', 'booked', 'refused', 'cancelling', 'cancelled')", name="booking"
    ),
    CheckConstraint("booking <> 'booked' OR carrier_id <> ''", name="booked_at_a_carrier"),
)
Index(
    "ix_shipments_under_way",
    shipments.c.ask_at,
    postgresql_where=shipments.c.state.in_(
        ("packed", "handed_over", "in_transit", "out_for_delivery", "exception")
    ),
)
Index("ix_shipments_state_id", shipments.c.state, shipments.c.id)
Index("ix_shipments_carrier_id", shipments.c.carrier_id)

shipment_units = Table(
    "shipment_units",
    metadata,
    Column("shipment_id", Text, ForeignKey("fulfilment.shipments.id"), primary_key=True),
    Column("variant_id", Text, primary_key=True),
    Column("serial", Text, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("order_id", Text, nullable=False, server_default=""),
    comment="A unit is in one live shipment of an order at most; one that was called off or came back is not live.",
)
Index(
    "ix_shipment_units_of_order",
    shipment_units.c.order_id,
    shipment_units.c.variant_id,
    shipment_units.c.serial,
    unique=True,
    postgresql_where=shipment_units.c.live,
)

shipment_events = Table(
    "shipment_events",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("shipment_id", Text, ForeignKey("fulfilment.shipments.id"), nullable=False, index=True),
    Column("source", Text),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("heard_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("spot", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("moved", Boolean, nullable=False),
    UniqueConstraint("shipment_id", "source"),
    info={"append_only": True},
)

labels = Table(
    "labels",
    metadata,
    Column("shipment_id", Text, ForeignKey("fulfilment.shipments.id"), primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("pdf", LargeBinary, nullable=False, info=personal("account_id", "to put on the parcel", "delete")),
    Column("at", DateTime(timezone=True), nullable=False),
)
