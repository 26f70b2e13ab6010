"""Tables of payments: intents, every change they went through, and the PSP's events that were heard."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Identity, Index, Integer, Table, Text

from luxe.kernel.personal import personal
from luxe.kernel.tables import service_metadata

metadata = service_metadata("payments")

_KEPT = personal("account_id", "to charge and to prove what was charged", "keep", "bookkeeping")

intents = Table(
    "intents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run", Text, nullable=False, unique=True),
    Column("account_id", Text, nullable=False, info=_KEPT),
    Column("purpose", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("captured", BigInteger, nullable=False, server_default="0"),
    Column("refunded", BigInteger, nullable=False, server_default="0"),
    Column("psp_id", Text, nullable=False, server_default=""),
    Column("hosted_url", Text, nullable=False, server_default=""),
    Column("failure", Text, nullable=False, server_default=""),
    Column("method", Text, nullable=False, server_default="", info=_KEPT),
    Column("description", Text, nullable=False),
    Column("return_path", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("wish", Text, nullable=False, server_default=""),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("ask_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("amount > 0", name="amount_positive"),
    CheckConstraint("captured BETWEEN 0 AND amount", name="captured_within_amount"),
    CheckConstraint("refunded BETWEEN 0 AND captured", name="refunded_within_captured"),
)
Index("ix_intents_account_id_id", intents.c.account_id, intents.c.id)
Index("ix_intents_ask_at", intents.c.ask_at, postgresql_where=intents.c.ask_at.is_not(None))

history = Table(
    "history",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("intent_id", Text, nullable=False, index=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("was", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("captured", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    info={"append_only": True},
)

events = Table(
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    info={"append_only": True},
)
