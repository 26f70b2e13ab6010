"""The ledger of points: journals and their entries, the balances kept beside them, lots by age, holds by run."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
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
    Column("at", DateTime(timezone=True), nullable=False, info=_KEPT),
    Column("actor", Text, nullable=False),
    UniqueConstraint("run", "kind"),
    Index("ix_journals_statement", "account_id", "id", postgresql_where="kind NOT IN ('hold', 'release')"),
    CheckConstraint(
        "kind IN ('earn', 'redeem', 'expire', 'adjust', 'reverse', 'hold', 'release')", name="kind"
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
    CheckConstraint("available >= 0 AND held >= 0", name="never_negative"),
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
