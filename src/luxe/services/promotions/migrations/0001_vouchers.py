"""vouchers"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_vouchers"
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
        schema="promotions",
        info={"append_only": True},
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False, schema="promotions")
    op.create_index(op.f("ix_audit_object_id"), "audit", ["object_id"], unique=False, schema="promotions")
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
        schema="promotions",
    )
    op.create_index(op.f("ix_idempotency_at"), "idempotency", ["at"], unique=False, schema="promotions")
    op.create_table(
        "inbox",
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("reaction", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fact_id", "reaction", name=op.f("pk_inbox")),
        schema="promotions",
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
        schema="promotions",
    )
    op.create_table(
        "runs",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("evaluation", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('held', 'released', 'settled')", name=op.f("ck_runs_state")),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_runs")),
        schema="promotions",
    )
    op.create_table(
        "vouchers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("codes", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vouchers")),
        sa.UniqueConstraint("created_by", "key", name=op.f("uq_vouchers_created_by_key")),
        schema="promotions",
    )
    op.create_table(
        "wrong_codes",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_wrong_codes")),
        schema="promotions",
    )
    op.create_index(op.f("ix_wrong_codes_at"), "wrong_codes", ["at"], unique=False, schema="promotions")
    op.create_index(
        "ix_wrong_codes_of", "wrong_codes", ["account_id", "at"], unique=False, schema="promotions"
    )
    op.create_table(
        "uses",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("voucher_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["promotions.runs.run"], name=op.f("fk_uses_run")),
        sa.ForeignKeyConstraint(["voucher_id"], ["promotions.vouchers.id"], name=op.f("fk_uses_voucher_id")),
        sa.PrimaryKeyConstraint("run", "voucher_id", name=op.f("pk_uses")),
        schema="promotions",
        comment="A use is free again when its run is released: its row goes.",
    )
    op.create_index("ix_uses_of", "uses", ["voucher_id", "account_id"], unique=False, schema="promotions")
    op.create_table(
        "voucher_codes",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("voucher_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["voucher_id"], ["promotions.vouchers.id"], name=op.f("fk_voucher_codes_voucher_id")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_voucher_codes")),
        sa.UniqueConstraint("voucher_id", "number", name=op.f("uq_voucher_codes_voucher_id_number")),
        schema="promotions",
        info={"append_only": True},
    )
    op.create_table(
        "voucher_ends",
        sa.Column("voucher_id", sa.Text(), nullable=False),
        sa.Column("revoked_by", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["voucher_id"], ["promotions.vouchers.id"], name=op.f("fk_voucher_ends_voucher_id")
        ),
        sa.PrimaryKeyConstraint("voucher_id", name=op.f("pk_voucher_ends")),
        schema="promotions",
        info={"append_only": True},
    )
