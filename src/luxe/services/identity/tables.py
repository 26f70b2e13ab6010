"""The tables of identity. Secrets are kept as hashes; what a person is known by is declared personal."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from luxe.kernel.personal import personal
from luxe.kernel.tables import service_metadata

metadata = service_metadata("identity")

_CONTRACT = "performing the membership contract"
_SECURITY = "protecting the account"


def _account() -> Column[str]:
    return Column("account_id", Text, ForeignKey("identity.accounts.id"), nullable=False, index=True)


accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("email", Text, nullable=False, info=personal("id", _CONTRACT, "blank")),
    Column("email_key", Text, nullable=False, unique=True, info=personal("id", _CONTRACT, "blank")),
    Column("name", Text, nullable=False, info=personal("id", _CONTRACT, "blank")),
    Column("locale", Text, nullable=False, info=personal("id", _CONTRACT, "blank")),
    Column("currency", Text, nullable=False, info=personal("id", _CONTRACT, "blank")),
    Column("zone", Text, nullable=False, info=personal("id", _CONTRACT, "blank")),
    Column("place", Text, nullable=False),
    Column("email_verified_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

passwords = Table(
    "passwords",
    metadata,
    Column("account_id", Text, ForeignKey("identity.accounts.id"), primary_key=True),
    Column("hash", Text, nullable=False, info=personal("account_id", _SECURITY, "delete")),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", Text, primary_key=True),
    _account(),
    Column(
        "credential_id",
        LargeBinary,
        nullable=False,
        unique=True,
        info=personal("account_id", _SECURITY, "delete"),
    ),
    Column("public_key", LargeBinary, nullable=False, info=personal("account_id", _SECURITY, "delete")),
    Column("sign_count", BigInteger, nullable=False),
    Column("backed_up", Boolean, nullable=False),
    Column("label", Text, nullable=False, info=personal("account_id", _SECURITY, "delete")),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True), info=personal("account_id", _SECURITY, "delete")),
)

challenges = Table(
    "challenges",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    Column(
        "account_id",
        Text,
        nullable=False,
        comment="empty for a sign-in",
        info=personal("account_id", _SECURITY, "delete"),
    ),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    _account(),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("device", Text, nullable=False, info=personal("account_id", _SECURITY, "delete")),
    Column("method", Text, nullable=False),
    Column(
        "started_at",
        DateTime(timezone=True),
        nullable=False,
        info=personal("account_id", _SECURITY, "delete"),
    ),
    Column(
        "seen_at", DateTime(timezone=True), nullable=False, info=personal("account_id", _SECURITY, "delete")
    ),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("ends_at", DateTime(timezone=True), nullable=False, comment="however much it is used"),
    Column("ended_at", DateTime(timezone=True)),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Text, primary_key=True),
    Column(
        "account_id",
        Text,
        nullable=False,
        index=True,
        comment="empty when nobody has the address",
        info=personal("account_id", _SECURITY, "delete"),
    ),
    Column("kind", Text, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("used_at", DateTime(timezone=True)),
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", Text, primary_key=True, comment="a keyed hash of an e-mail or network address"),
    Column("failures", Integer, nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    _account(),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("name", Text, nullable=False, info=personal("account_id", _CONTRACT, "delete")),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
)

roles = Table(
    "roles",
    metadata,
    Column("id", Text, primary_key=True),
    _account(),
    Column("role", Text, nullable=False, info=personal("account_id", _CONTRACT, "delete")),
    Column("granted_at", DateTime(timezone=True), nullable=False),
    Column("granted_by", Text, nullable=False),
    Column("granted_for", Text, nullable=False, comment="the reason"),
    Column("revoked_at", DateTime(timezone=True)),
    Column("revoked_by", Text),
    Column("revoked_for", Text),
    Index("uq_roles_held", "account_id", "role", unique=True, postgresql_where=text("revoked_at IS NULL")),
)
