"""The tables of notifications: mails to write, endpoints, and the log of deliveries that is also their queue."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from luxe.kernel.personal import personal
from luxe.kernel.tables import service_metadata

metadata = service_metadata("notifications")

_CONTRACT = "performing the membership contract"
_WAITING = text("state = 'waiting'")

mails = Table(
    "mails",
    metadata,
    Column("id", Text, primary_key=True),
    Column("template", Text, nullable=False),
    Column("account_id", Text, nullable=False, comment="empty for an invitation"),
    Column(
        "address",
        Text,
        nullable=False,
        comment="only where no account says it",
        info=personal("account_id", _CONTRACT, "delete"),
    ),
    Column("locale", Text, nullable=False, comment="only where no account says it"),
    Column("values", JSONB, nullable=False, info=personal("account_id", _CONTRACT, "delete")),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column(
        "due_at", DateTime(timezone=True), nullable=False, comment="while it is being sent: end of the lease"
    ),
    Column("problem", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, index=True),
    Column("sent_at", DateTime(timezone=True)),
    Index("ix_mails_due", "due_at", postgresql_where=_WAITING),
    Index("ix_mails_account", "account_id", "id"),
)

endpoints = Table(
    "endpoints",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, nullable=False, index=True),
    Column("url", Text, nullable=False, info=personal("account_id", _CONTRACT, "delete")),
    Column("events", ARRAY(Text), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("removed_at", DateTime(timezone=True)),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("endpoint_id", Text, ForeignKey("notifications.endpoints.id"), nullable=False),
    Column("event_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("status", Integer, nullable=False),
    Column("next_at", DateTime(timezone=True)),
    Column("sending_until", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, index=True),
    Column("delivered_at", DateTime(timezone=True)),
    Index("ix_deliveries_queue", "endpoint_id", "object_id", "seq", postgresql_where=_WAITING),
    Index("ix_deliveries_log", "endpoint_id", "id"),
)
