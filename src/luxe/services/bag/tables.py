"""Tables of bag: a bag is one row, so that its changes queue behind each other; wishes are rows."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from luxe.kernel.personal import personal
from luxe.kernel.tables import service_metadata

metadata = service_metadata("bag")

_WANTED = personal("account_id", "to keep what somebody wants to buy", "delete")

bags = Table(
    "bags",
    metadata,
    Column("account_id", Text, primary_key=True, info=_WANTED),
    Column("lines", JSONB, nullable=False, server_default="{}", info=_WANTED),
    Column("keys", JSONB, nullable=False, server_default="[]"),
    Column("version", BigInteger, nullable=False, server_default="0"),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

waits = Table(
    "waits",
    metadata,
    Column("account_id", Text, primary_key=True, info=_WANTED),
    Column("variant_id", Text, primary_key=True, info=_WANTED),
    Column("product_id", Text, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("told_at", DateTime(timezone=True)),
)
Index("ix_waits_variant_id_asked_at", waits.c.variant_id, waits.c.asked_at)

wishes = Table(
    "wishes",
    metadata,
    Column("account_id", Text, primary_key=True, info=_WANTED),
    Column("product_id", Text, primary_key=True, info=_WANTED),
    Column("wished_at", DateTime(timezone=True), nullable=False),
)
Index("ix_wishes_account_id_wished_at", wishes.c.account_id, wishes.c.wished_at.desc())
