"""The ledger of points: journals and their entries, the balances kept beside them, lots by age and what moved them, holds
by run, what runs settled and what refunds reversed of it, adjustments by hand, recounts."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from luxe.kernel.personal import personal
from luxe.kernel.tables import service_metadata

metadata = service_metadata("loyalty")

_KEPT = personal("account_id", "the member's statement of points", "keep", "bookkeeping records")
_POSTED = personal("account", "the member's statement of points", "keep", "bookkeeping records")

journals = Table(
    "journals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("run", Text),
    Column("reference", Text, nullable=False, info=_KEPT),
    Column("account_id", Text, nullable=False),
    Column("points", BigInteger, nullable=False, info=_KEPT),
    Column("balance", BigInteger, nullable=False, info=_KEPT),
    Column("owed", BigInteger, nullable=False, server_default="0", info=_KEPT),
    Column("at", DateTime(timezone=True), nullable=False, info=_KEPT),
    Column("actor", Text, nullable=False),
    UniqueConstraint("run", "kind"),
    Index("ix_journals_statement", "account_id", "id", postgresql_where="kind NOT IN ('hold', 'release')"),
    CheckConstraint(
        "kind IN ('earn', 'redeem', 'expire', 'adjust', 'reverse', 'restore', 'repay', 'hold', 'release')",
        name="kind",
    ),
    info={"append_only": True},
)

entries = Table(
    "entries",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("journal_id", Text, ForeignKey("loyalty.journals.id"), nullable=False, index=True),
    Column("account", Text, nullable=False, index=True, info=_POSTED),
    Column("points", BigInteger, nullable=False),
    CheckConstraint("points <> 0", name="moves_something"),
    info={"append_only": True},
)

balances = Table(
    "balances",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("available", BigInteger, nullable=False, info=_KEPT),
    Column("held", BigInteger, nullable=False),
    Column("owed", BigInteger, nullable=False, server_default="0", info=_KEPT),
    CheckConstraint("available >= 0 AND held >= 0 AND owed >= 0", name="never_negative"),
)

lots = Table(
    "lots",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("points", BigInteger, nullable=False, info=_KEPT),
    Column("remaining", BigInteger, nullable=False),
    Column("earned_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("remaining BETWEEN 0 AND points", name="remaining"),
    Index("ix_lots_oldest", "account_id", "expires_at", "id", postgresql_where="remaining > 0"),
    Index("ix_lots_lapsing", "expires_at", postgresql_where="remaining > 0"),
)

holds = Table(
    "holds",
    metadata,
    Column("run", Text, primary_key=True),
    Column("account_id", Text, nullable=False, index=True),
    Column("points", BigInteger, nullable=False, info=_KEPT),
    Column("worth_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("held_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("state IN ('held', 'released', 'settled')", name="state"),
    CheckConstraint("points > 0 OR state = 'released'", name="holds_something"),
)

lot_moves = Table(
    "lot_moves",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("lot_id", Text, ForeignKey("loyalty.lots.id"), nullable=False, index=True),
    Column("journal_id", Text, ForeignKey("loyalty.journals.id"), index=True),
    Column("points", BigInteger, nullable=False),
    CheckConstraint("points <> 0", name="moves_something"),
    info={"append_only": True},
    comment="Without a journal: what was left in a lot when moves began to be kept.",
)

sales = Table(
    "sales",
    metadata,
    Column("run", Text, primary_key=True),
    Column("account_id", Text, nullable=False, index=True),
    Column("reference", Text, nullable=False),
    Column("net_paid_minor", BigInteger, nullable=False, info=_KEPT),
    Column("currency", Text, nullable=False),
    Column("earned", BigInteger, nullable=False, info=_KEPT),
    Column("redeemed", BigInteger, nullable=False, info=_KEPT),
    Column("lot_id", Text),
    Column("at", DateTime(timezone=True), nullable=False),
    info={"append_only": True},
    comment="Without a currency: settled before what was paid was kept; the first refund reverses all of it.",
)

reversals = Table(
    "reversals",
    metadata,
    Column("run", Text, ForeignKey("loyalty.sales.run"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("refunded_minor", BigInteger, nullable=False),
    Column("taken_back", BigInteger, nullable=False),
    Column("given_back", BigInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    CheckConstraint("refunded_minor >= 0 AND taken_back >= 0 AND given_back >= 0", name="only_reverses"),
    info={"append_only": True},
)

adjustments = Table(
    "adjustments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("points", BigInteger, nullable=False, info=_KEPT),
    Column("reason", Text, nullable=False, info=_KEPT),
    Column("four_eyes", Boolean, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("proposed_by", "key"),
    Index("ix_adjustments_of", "account_id", "proposed_by", "at"),
    CheckConstraint("points <> 0", name="moves_something"),
    CheckConstraint("proposed_by <> account_id", name="nobodys_own"),
    info={"append_only": True},
)

adjustment_decisions = Table(
    "adjustment_decisions",
    metadata,
    Column("adjustment_id", Text, ForeignKey("loyalty.adjustments.id"), primary_key=True),
    Column("proposed_by", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("approved", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    CheckConstraint("decided_by <> proposed_by", name="two_people"),
    info={"append_only": True},
)

recounts = Table(
    "recounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("cursor", Text, nullable=False),
    Column("members", Integer, nullable=False),
    Column("differing", Integer, nullable=False),
)

recount_differences = Table(
    "recount_differences",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("recount_id", Text, ForeignKey("loyalty.recounts.id"), nullable=False, index=True),
    Column("account_id", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("kept", BigInteger, nullable=False, info=_KEPT),
    Column("counted", BigInteger, nullable=False, info=_KEPT),
    info={"append_only": True},
)
