"""The tables of compliance; both are only ever added to."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Identity, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from luxe.kernel.personal import personal
from luxe.kernel.tables import service_metadata

metadata = service_metadata("compliance")

_DUTY = "accountability: showing that consent was given (GDPR article 7(1)) and who did what (article 5(2))"

consents = Table(
    "consents",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column(
        "account_id", Text, nullable=False, info=personal("account_id", "proof of consent", "keep", _DUTY)
    ),
    Column("purpose", Text, nullable=False, info=personal("account_id", "proof of consent", "keep", _DUTY)),
    Column("version", Text, nullable=False),
    Column("given", Boolean, nullable=False, info=personal("account_id", "proof of consent", "keep", _DUTY)),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("ix_consents_latest", "account_id", "purpose", "seq"),
    info={"append_only": True},
)

log = Table(
    "log",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("entry", Text, nullable=False, unique=True, comment="the identity of the audited act"),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("service", Text, nullable=False),
    Column("actor", Text, nullable=False, info=personal("actor", "accountability", "keep", _DUTY)),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False, info=personal("actor", "accountability", "keep", _DUTY)),
    Column("request_id", Text, nullable=False),
    Column("details", JSONB, nullable=False, info=personal("actor", "accountability", "keep", _DUTY)),
    Index("ix_log_newest", "at", "seq"),
    Index("ix_log_target", "target", "at", "seq"),
    Index("ix_log_actor", "actor", "at", "seq"),
    info={"append_only": True},
)
