"""Tables of payments: intents and every change they went through, refunds and captures in part, disputes, the PSP's
events that were heard, its statements, and the cases that they left for a person."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
)

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
    Column("provider", Text, nullable=False, server_default="simulator"),
    Column("wanted", Text, nullable=False, server_default=""),
    Column("country", Text, nullable=False, server_default=""),
    Column("pay_by", DateTime(timezone=True)),
    Column("wish", Text, nullable=False, server_default=""),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("ask_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("amount > 0", name="amount_positive"),
    CheckConstraint("captured BETWEEN 0 AND amount", name="captured_within_amount"),
    CheckConstraint("refunded BETWEEN 0 AND captured", name="refunded_within_captured"),
)
Index(
    "ix_intents_code",
    func.right(intents.c.id, 10),
    postgresql_where=intents.c.provider == "bank_transfer",
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
Index("ix_history_at", history.c.at, postgresql_using="brin")

movements = Table(
    "movements",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("intent_id", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("psp_id", Text, nullable=False, server_default=""),
    Column("failure", Text, nullable=False, server_default=""),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("ask_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    UniqueConstraint("intent_id", "kind", "key", name="one_for_each_key"),
    CheckConstraint("kind IN ('capture', 'refund')", name="kind"),
    CheckConstraint("state IN ('pending', 'succeeded', 'failed')", name="state"),
    CheckConstraint("amount > 0", name="amount_positive"),
    CheckConstraint("(settled_at IS NULL) = (state = 'pending')", name="settled_when_not_pending"),
)
Index("ix_movements_run", movements.c.run)
Index("ix_movements_psp_id", movements.c.psp_id, postgresql_where=movements.c.psp_id != "")
Index("ix_movements_ask_at", movements.c.ask_at, postgresql_where=movements.c.ask_at.is_not(None))
Index("ix_movements_settled_at", movements.c.settled_at)

movement_history = Table(
    "movement_history",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("movement_id", Text, nullable=False, index=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),
    info={"append_only": True},
)

disputes = Table(
    "disputes",
    metadata,
    Column("dispute_id", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("intent_id", Text, nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    CheckConstraint("outcome IN ('opened', 'won', 'lost')", name="outcome"),
    info={"append_only": True},
)

statement_lines = Table(
    "statement_lines",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("day", Date, nullable=False, index=True),
    Column("reference", Text, nullable=False, index=True),
    Column("movement", Text, nullable=False),
    Column("psp_intent", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("fee", BigInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    info={"append_only": True},
)
Index(
    "ix_statement_lines_movement",
    statement_lines.c.movement,
    postgresql_where=statement_lines.c.movement != "",
)

reconciled_days = Table(
    "reconciled_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("lines", Integer, nullable=False),
    Column("opened", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("day", Date, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("intent_id", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("ours", BigInteger),
    Column("theirs", BigInteger),
    Column("state", Text, nullable=False, server_default="open"),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("resolved_at", DateTime(timezone=True)),
    Column("resolved_by", Text, nullable=False, server_default=""),
    Column("how", Text),
    Column("note", Text, nullable=False, server_default=""),
    UniqueConstraint("day", "kind", "reference", name="once_a_day"),
    CheckConstraint("state IN ('open', 'resolved')", name="state"),
    CheckConstraint(
        "(state = 'resolved') = (resolved_at IS NOT NULL AND how IS NOT NULL)", name="resolved_by_somebody"
    ),
)
Index("ix_cases_state_id", cases.c.state, cases.c.id)

transfers = Table(
    "transfers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("entry", Text, nullable=False, unique=True),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("intent_id", Text, nullable=False, server_default=""),
    Column("entered_by", Text, nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False),
    Column("matched_by", Text, nullable=False, server_default=""),
    Column("matched_at", DateTime(timezone=True)),
    CheckConstraint("amount > 0", name="amount_positive"),
    CheckConstraint(
        "(state = 'matched') = (intent_id <> '' AND matched_at IS NOT NULL)", name="matched_to_one"
    ),
    CheckConstraint("state IN ('open', 'matched')", name="state"),
)
Index("ix_transfers_state_id", transfers.c.state, transfers.c.id)
Index("ix_transfers_intent_id", transfers.c.intent_id, postgresql_where=transfers.c.intent_id != "")

bank_statements = Table(
    "bank_statements",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="read"),
    Column("first", Date),
    Column("last", Date),
    Column("credits", Integer, nullable=False),
    Column("passed_over", Integer, nullable=False),
    Column("read_by", Text, nullable=False),
    Column("read_at", DateTime(timezone=True), nullable=False),
    Column("applied_by", Text, nullable=False, server_default=""),
    Column("applied_at", DateTime(timezone=True)),
    CheckConstraint("state IN ('read', 'applied')", name="state"),
    CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", name="applied_at_a_time"),
)

bank_entries = Table(
    "bank_entries",
    metadata,
    Column("statement_id", Text, primary_key=True),
    Column("entry", Text, primary_key=True),
    Column("row", Integer, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("verdict", Text, nullable=False, server_default=""),
    Column("intent_id", Text, nullable=False, server_default=""),
    CheckConstraint("amount > 0", name="amount_positive"),
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
