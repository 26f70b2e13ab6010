"""The tables that every schema has: outbox, inbox, audit rows, idempotent responses."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Identity, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def service_metadata(schema: str) -> MetaData:
    """An empty schema with the kernel's tables in it; a service adds its own.

    A table with `info={"append_only": True}` is granted no UPDATE and no DELETE. A column with
    `info={"personal": Personal(...)}` is declared personal data.
    """
    metadata = MetaData(schema=schema, naming_convention=_NAMING)
    Table(
        "outbox",
        metadata,
        Column("seq", BigInteger, Identity(always=True), primary_key=True),
        Column("id", Text, nullable=False, unique=True),
        Column("type", Text, nullable=False),
        Column("object_id", Text, nullable=False),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("actor", Text, nullable=False),
        Column("request_id", Text, nullable=False),
        Column("data", JSONB, nullable=False),
    )
    Table(
        "inbox",
        metadata,
        Column("fact_id", Text, primary_key=True),
        Column("reaction", Text, primary_key=True),
        Column("at", DateTime(timezone=True), nullable=False),
    )
    Table(
        "audit",
        metadata,
        Column("seq", BigInteger, Identity(always=True), primary_key=True),
        Column("at", DateTime(timezone=True), nullable=False, index=True),
        Column("actor", Text, nullable=False),
        Column("action", Text, nullable=False),
        Column("object_id", Text, nullable=False, index=True),
        Column("request_id", Text, nullable=False),
        Column("details", JSONB, nullable=False),
        info={"append_only": True},
    )
    Table(
        "idempotency",
        metadata,
        Column("caller", Text, primary_key=True),
        Column("route", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("fingerprint", Text, nullable=False),
        Column("at", DateTime(timezone=True), nullable=False, index=True),
        Column("status", Integer),
        Column("headers", JSONB),
        Column("body", LargeBinary),
    )
    return metadata
