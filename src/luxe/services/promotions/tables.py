"""Gift cards and their ledger. Vouchers as they were made, their ends, their codes by digest, what runs
hold and have used, and wrong guesses."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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
from sqlalchemy.dialects.postgresql import JSONB

from luxe.kernel.personal import personal
from luxe.kernel.tables import service_metadata

metadata = service_metadata("promotions")

_KEPT = personal("account_id", "what a purchase cost and why", "keep", "bookkeeping records")
_POSTED = personal("account", "what was on a gift card and where it went", "keep", "bookkeeping records")
_GUESSED = personal("account_id", "slowing down who guesses codes", "delete")

vouchers = Table(
    "vouchers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("rules", JSONB, nullable=False),
    Column("codes", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("created_by", "key"),
)

voucher_ends = Table(
    "voucher_ends",
    metadata,
    Column("voucher_id", Text, ForeignKey("promotions.vouchers.id"), primary_key=True),
    Column("revoked_by", Text, nullable=False),
    Column("revoked_at", DateTime(timezone=True), nullable=False),
    info={"append_only": True},
)

voucher_codes = Table(
    "voucher_codes",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("voucher_id", Text, ForeignKey("promotions.vouchers.id"), nullable=False),
    Column("number", Integer, nullable=False),
    UniqueConstraint("voucher_id", "number"),
    info={"append_only": True},
)

runs = Table(
    "runs",
    metadata,
    Column("run", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("evaluation", JSONB, info=_KEPT),
    Column("state", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    CheckConstraint("state IN ('held', 'released', 'settled')", name="state"),
)

uses = Table(
    "uses",
    metadata,
    Column("run", Text, ForeignKey("promotions.runs.run"), primary_key=True),
    Column("voucher_id", Text, ForeignKey("promotions.vouchers.id"), primary_key=True),
    Column("number", Integer, nullable=False, info=_KEPT),
    Column("account_id", Text, nullable=False),
    Index("ix_uses_of", "voucher_id", "account_id"),
    comment="A use is free again when its run is released: its row goes.",
)

wrong_codes = Table(
    "wrong_codes",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, index=True, info=_GUESSED),
    Index("ix_wrong_codes_of", "account_id", "at"),
)

gift_cards = Table(
    "gift_cards",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("key", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("issued_minor", BigInteger, nullable=False),
    Column("available_minor", BigInteger, nullable=False),
    Column("held_minor", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("created_by", "key"),
    CheckConstraint("available_minor >= 0 AND held_minor >= 0", name="never_negative"),
)

gift_card_ends = Table(
    "gift_card_ends",
    metadata,
    Column("card_id", Text, ForeignKey("promotions.gift_cards.id"), primary_key=True),
    Column("revoked_by", Text, nullable=False),
    Column("revoked_at", DateTime(timezone=True), nullable=False),
    info={"append_only": True},
)

gift_journals = Table(
    "gift_journals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("run", Text, index=True),
    Column("card_id", Text, ForeignKey("promotions.gift_cards.id"), nullable=False, index=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    CheckConstraint("kind IN ('issue', 'hold', 'release', 'spend', 'return')", name="kind"),
    info={"append_only": True},
)

gift_entries = Table(
    "gift_entries",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("journal_id", Text, ForeignKey("promotions.gift_journals.id"), nullable=False, index=True),
    Column("account", Text, nullable=False, index=True, info=_POSTED),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    CheckConstraint("amount_minor <> 0", name="moves_something"),
    info={"append_only": True},
)

gift_uses = Table(
    "gift_uses",
    metadata,
    Column("run", Text, ForeignKey("promotions.runs.run"), primary_key=True),
    Column("card_id", Text, ForeignKey("promotions.gift_cards.id"), primary_key=True),
    Column("place", Integer, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    CheckConstraint("amount_minor > 0", name="takes_something"),
    info={"append_only": True},
)

gift_returns = Table(
    "gift_returns",
    metadata,
    Column("run", Text, ForeignKey("promotions.runs.run"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    CheckConstraint("amount_minor >= 0", name="only_gives"),
    info={"append_only": True},
)

tier_gifts = Table(
    "tier_gifts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("amounts", JSONB, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("ended_by", Text),
    Column("ended_at", DateTime(timezone=True)),
    UniqueConstraint("created_by", "key"),
    CheckConstraint("(ended_by IS NULL) = (ended_at IS NULL)", name="ended_by_somebody"),
    Index("ix_tier_gifts_standing", "tier", postgresql_where="ended_at IS NULL"),
)

given_gifts = Table(
    "given_gifts",
    metadata,
    Column("gift_id", Text, ForeignKey("promotions.tier_gifts.id"), primary_key=True),
    Column("account_id", Text, primary_key=True, info=_KEPT),
    Column("card_id", Text, ForeignKey("promotions.gift_cards.id"), nullable=False, unique=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("ix_given_gifts_to", "account_id"),
    info={"append_only": True},
)
