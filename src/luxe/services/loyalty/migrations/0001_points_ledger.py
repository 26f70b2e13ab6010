"""Points ledger"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_points_ledger"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        schema="loyalty",
        info={"append_only": True},
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False, schema="loyalty")
    op.create_index(op.f("ix_audit_object_id"), "audit", ["object_id"], unique=False, schema="loyalty")
    op.create_table(
        "balances",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("available >= 0 AND held >= 0", name=op.f("ck_balances_never_negative")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_balances")),
        schema="loyalty",
    )
    op.create_table(
        "holds",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("worth_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points > 0 OR state = 'released'", name=op.f("ck_holds_holds_something")),
        sa.CheckConstraint("state IN ('held', 'released', 'settled')", name=op.f("ck_holds_state")),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_holds")),
        schema="loyalty",
    )
    op.create_index(op.f("ix_holds_account_id"), "holds", ["account_id"], unique=False, schema="loyalty")
    op.create_table(
        "idempotency",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("caller", "route", "key", name=op.f("pk_idempotency")),
        schema="loyalty",
    )
    op.create_index(op.f("ix_idempotency_at"), "idempotency", ["at"], unique=False, schema="loyalty")
    op.create_table(
        "inbox",
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("reaction", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fact_id", "reaction", name=op.f("pk_inbox")),
        schema="loyalty",
    )
    op.create_table(
        "journals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('earn', 'redeem', 'expire', 'adjust', 'reverse', 'hold', 'release')",
            name=op.f("ck_journals_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journals")),
        sa.UniqueConstraint("run", "kind", name=op.f("uq_journals_run_kind")),
        schema="loyalty",
        info={"append_only": True},
    )
    op.create_index(
        "ix_journals_statement",
        "journals",
        ["account_id", "id"],
        unique=False,
        schema="loyalty",
        postgresql_where="kind NOT IN ('hold', 'release')",
    )
    op.create_table(
        "lots",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("earned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("remaining BETWEEN 0 AND points", name=op.f("ck_lots_remaining")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lots")),
        schema="loyalty",
    )
    op.create_index(
        "ix_lots_lapsing",
        "lots",
        ["expires_at"],
        unique=False,
        schema="loyalty",
        postgresql_where="remaining > 0",
    )
    op.create_index(
        "ix_lots_oldest",
        "lots",
        ["account_id", "expires_at", "id"],
        unique=False,
        schema="loyalty",
        postgresql_where="remaining > 0",
    )
    op.create_table(
        "outbox",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
        schema="loyalty",
    )
    op.create_table(
        "entries",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("journal_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points <> 0", name=op.f("ck_entries_moves_something")),
        sa.ForeignKeyConstraint(["journal_id"], ["loyalty.journals.id"], name=op.f("fk_entries_journal_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_entries")),
        schema="loyalty",
        info={"append_only": True},
    )
    op.create_index(op.f("ix_entries_account"), "entries", ["account"], unique=False, schema="loyalty")
    op.create_index(op.f("ix_entries_journal_id"), "entries", ["journal_id"], unique=False, schema="loyalty")
    op.execute("""
        CREATE FUNCTION loyalty.journal_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT sum(points) FROM loyalty.entries WHERE journal_id = NEW.journal_id) <> 0 THEN
                RAISE EXCEPTION 'the entries of journal % do not sum to zero', NEW.journal_id
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE CONSTRAINT TRIGGER journal_sums_to_zero AFTER INSERT ON loyalty.entries
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION loyalty.journal_sums_to_zero()
    """)
