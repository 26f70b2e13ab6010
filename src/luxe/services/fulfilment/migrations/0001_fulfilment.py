"""delivery, taxes, appointments, shipments"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_fulfilment"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        schema="fulfilment",
        info={"append_only": True},
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False, schema="fulfilment")
    op.create_index(op.f("ix_audit_object_id"), "audit", ["object_id"], unique=False, schema="fulfilment")
    op.create_table(
        "closed_days",
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_closed_days")),
        sa.UniqueConstraint("country", "day", name=op.f("uq_closed_days_country_day")),
        schema="fulfilment",
    )
    op.create_table(
        "delivery_rates",
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("from_value", sa.BigInteger(), nullable=False),
        sa.Column("tiers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("days_least", sa.Integer(), nullable=False),
        sa.Column("days_most", sa.Integer(), nullable=False),
        sa.Column("needs_slot", sa.Boolean(), nullable=False),
        sa.CheckConstraint("price >= 0 AND from_value >= 0", name=op.f("ck_delivery_rates_never_negative")),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_delivery_rates")),
        schema="fulfilment",
    )
    op.create_table(
        "idempotency",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("caller", "route", "key", name=op.f("pk_idempotency")),
        schema="fulfilment",
    )
    op.create_index(op.f("ix_idempotency_at"), "idempotency", ["at"], unique=False, schema="fulfilment")
    op.create_table(
        "inbox",
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("reaction", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fact_id", "reaction", name=op.f("pk_inbox")),
        schema="fulfilment",
    )
    op.create_table(
        "outbox",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
        schema="fulfilment",
    )
    op.create_table(
        "shipments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("resent", sa.Boolean(), nullable=False),
        sa.Column("booking", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), server_default="", nullable=False),
        sa.Column("carrier_id", sa.Text(), server_default="", nullable=False),
        sa.Column("tracking_number", sa.Text(), server_default="", nullable=False),
        sa.Column("tracking_url", sa.Text(), server_default="", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("parcel", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("heard_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("packed_by", sa.Text(), nullable=False),
        sa.Column("packed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "booking <> 'booked' OR carrier_id <> ''", name=op.f("ck_shipments_booked_at_a_carrier")
        ),
        sa.CheckConstraint(
            "booking IN ('none', 'wanted', 'booked', 'refused', 'cancelling', 'cancelled')",
            name=op.f("ck_shipments_booking"),
        ),
        sa.CheckConstraint(
            "state IN ('packed', 'called_off', 'handed_over', 'in_transit', 'out_for_delivery', 'delivered', 'exception', 'returned_to_sender', 'lost')",
            name=op.f("ck_shipments_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipments")),
        sa.UniqueConstraint("number", name=op.f("uq_shipments_number")),
        sa.UniqueConstraint("packed_by", "key", name=op.f("uq_shipments_packed_by_key")),
        schema="fulfilment",
    )
    op.create_index("ix_shipments_carrier_id", "shipments", ["carrier_id"], unique=False, schema="fulfilment")
    op.create_index(
        op.f("ix_shipments_order_id"), "shipments", ["order_id"], unique=False, schema="fulfilment"
    )
    op.create_index("ix_shipments_state_id", "shipments", ["state", "id"], unique=False, schema="fulfilment")
    op.create_index(
        "ix_shipments_under_way",
        "shipments",
        ["ask_at"],
        unique=False,
        schema="fulfilment",
        postgresql_where=sa.text(
            "state IN ('packed', 'handed_over', 'in_transit', 'out_for_delivery', 'exception')"
        ),
    )
    op.create_table(
        "slots",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts", sa.Text(), nullable=False),
        sa.Column("ends", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity >= 0 AND starts < ends", name=op.f("ck_slots_sensible")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slots")),
        sa.UniqueConstraint(
            "day", "place", "method", "starts", name=op.f("uq_slots_day_place_method_starts")
        ),
        schema="fulfilment",
    )
    op.create_table(
        "tax_rules",
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("included", sa.Boolean(), nullable=False),
        sa.Column("compound", sa.Boolean(), nullable=False),
        sa.Column("on_delivery", sa.Boolean(), nullable=False),
        sa.Column("rounding", sa.Text(), nullable=False),
        sa.Column("rounded_per", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("from_value", sa.BigInteger(), nullable=False),
        sa.Column("until_value", sa.BigInteger(), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=True),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_tax_rules")),
        schema="fulfilment",
    )
    op.create_table(
        "appointments",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("slot_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'confirmed') = (order_id <> '')", name=op.f("ck_appointments_confirmed_for_an_order")
        ),
        sa.CheckConstraint(
            "slot_id IS NOT NULL OR state = 'released'", name=op.f("ck_appointments_stands_on_a_slot")
        ),
        sa.CheckConstraint(
            "state IN ('reserved', 'released', 'confirmed')", name=op.f("ck_appointments_state")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["fulfilment.slots.id"], name=op.f("fk_appointments_slot_id")),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_appointments")),
        schema="fulfilment",
        comment="A released row without a slot says that a run may reserve nothing any more.",
    )
    op.create_index(
        op.f("ix_appointments_slot_id"), "appointments", ["slot_id"], unique=False, schema="fulfilment"
    )
    op.create_table(
        "labels",
        sa.Column("shipment_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["fulfilment.shipments.id"], name=op.f("fk_labels_shipment_id")
        ),
        sa.PrimaryKeyConstraint("shipment_id", name=op.f("pk_labels")),
        schema="fulfilment",
    )
    op.create_table(
        "shipment_events",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("shipment_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("spot", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["fulfilment.shipments.id"], name=op.f("fk_shipment_events_shipment_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_shipment_events")),
        sa.UniqueConstraint("shipment_id", "source", name=op.f("uq_shipment_events_shipment_id_source")),
        schema="fulfilment",
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_shipment_events_shipment_id"),
        "shipment_events",
        ["shipment_id"],
        unique=False,
        schema="fulfilment",
    )
    op.create_table(
        "shipment_units",
        sa.Column("shipment_id", sa.Text(), nullable=False),
        sa.Column("variant_id", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["fulfilment.shipments.id"], name=op.f("fk_shipment_units_shipment_id")
        ),
        sa.PrimaryKeyConstraint("shipment_id", "variant_id", "serial", name=op.f("pk_shipment_units")),
        schema="fulfilment",
        comment="A unit is in one live shipment at most; one that was called off or came back is not live.",
    )
    op.create_index(
        "ix_shipment_units_live",
        "shipment_units",
        ["variant_id", "serial"],
        unique=True,
        schema="fulfilment",
        postgresql_where=sa.text("live"),
    )
