"""Invitations and their places, applications, plans, memberships, spend; and one table of everything that changed state."""

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
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from luxe.kernel.personal import personal
from luxe.kernel.tables import service_metadata

metadata = service_metadata("membership")

_EVIDENCE = personal("account_id", "qualification for membership", "blank")
_WHITELIST = personal("inviter_id", "whom an invitation is for", "blank")
_SPENT = personal("account_id", "what a tier was earned by", "keep", "bookkeeping records")

invitations = Table(
    "invitations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("code_hash", Text, nullable=False, unique=True),
    Column("inviter_id", Text, nullable=False),
    Column("inviter_name", Text, nullable=False, info=personal("inviter_id", "who invites", "blank")),
    Column("note", Text, nullable=False, info=_WHITELIST),
    Column("bound", Boolean, nullable=False),
    Column("email", Text, nullable=False, info=_WHITELIST),
    Column("uses", Integer, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("revoked_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("ix_invitations_inviter", "inviter_id", "created_at"),
    CheckConstraint("uses > 0", name="uses"),
)

places = Table(
    "places",
    metadata,
    Column("id", Text, primary_key=True),
    Column("invitation_id", Text, ForeignKey("membership.invitations.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("email", Text, nullable=False, info=personal("account_id", "whom a place is kept for", "blank")),
    Column("reserved_until", DateTime(timezone=True)),
    Column("account_id", Text, index=True),
    Column("taken_at", DateTime(timezone=True)),
    UniqueConstraint("invitation_id", "ordinal"),
)

applications = Table(
    "applications",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("full_name", Text, nullable=False, info=_EVIDENCE),
    Column("country", Text, nullable=False, info=_EVIDENCE),
    Column("city", Text, nullable=False, info=_EVIDENCE),
    Column("birthday", Date, info=_EVIDENCE),
    Column("declared_minor", BigInteger, nullable=False),
    Column("declared_currency", Text, nullable=False),
    Column("means", Text, nullable=False, info=_EVIDENCE),
    Column("references", JSONB, info=_EVIDENCE),
    Column("houses", JSONB, info=_EVIDENCE),
    Column("bank_later", Boolean, nullable=False),
    Column("truthful", Boolean, nullable=False),
    Column("inviter_name", Text, nullable=False, info=_EVIDENCE),
    Column("submitted_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Text, nullable=False),
    Column("reason", Text, nullable=False, info=_EVIDENCE),
    Index("ix_applications_queue", "state", "id"),
    Index(
        "uq_applications_open",
        "account_id",
        unique=True,
        postgresql_where="state IN ('submitted', 'approved')",
    ),
    Index("ix_applications_account", "account_id", "id"),
)

plans = Table(
    "plans",
    metadata,
    Column("currency", Text, primary_key=True),
    Column("fee_minor", BigInteger, nullable=False),
    Column("months", Integer, nullable=False),
    CheckConstraint("fee_minor > 0 AND months > 0", name="sold_for_something"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column(
        "number",
        Text,
        nullable=False,
        unique=True,
        info=personal("account_id", "the membership card", "keep", "bookkeeping records"),
    ),
    Column("tier", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Index("ix_memberships_ending", "until", postgresql_where="state = 'active'"),
    CheckConstraint("tier IN ('silver', 'gold', 'black')", name="tier"),
    CheckConstraint("state IN ('active', 'lapsed', 'ended')", name="state"),
)

activations = Table(
    "activations",
    metadata,
    Column("run", Text, primary_key=True),
    Column("account_id", Text, nullable=False, index=True),
    Column("fee_minor", BigInteger, nullable=False, info=_SPENT),
    Column("currency", Text, nullable=False),
    Column("begins", DateTime(timezone=True), nullable=False),
    Column("ends", DateTime(timezone=True), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    info={"append_only": True},
)

spend = Table(
    "spend",
    metadata,
    Column("order_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("paid_minor", BigInteger, nullable=False, info=_SPENT),
    Column("currency", Text, nullable=False),
    Column("base_minor", BigInteger, nullable=False),
    Column("paid_at", DateTime(timezone=True), nullable=False, info=_SPENT),
    Column("matures_at", DateTime(timezone=True), nullable=False),
    Column("refunded_minor", BigInteger, nullable=False, server_default="0"),
    Index("ix_spend_account", "account_id", "state", "paid_at"),
    Index("ix_spend_maturing", "matures_at", postgresql_where="state = 'pending'"),
    CheckConstraint("state IN ('pending', 'qualifying', 'reversed')", name="state"),
)

spend_refunds = Table(
    "spend_refunds",
    metadata,
    Column("refund_id", Text, primary_key=True),
    Column("order_id", Text, nullable=False, index=True),
    Column("minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    CheckConstraint("minor > 0", name="takes_something"),
    info={"append_only": True},
    comment="What went back of an order and had counted; paid_minor less all of them is what base_minor says.",
)

moves = Table(
    "moves",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("ix_moves_object", "kind", "object_id", "seq"),
    CheckConstraint("kind IN ('application', 'membership', 'tier', 'spend')", name="kind"),
    info={"append_only": True},
)
