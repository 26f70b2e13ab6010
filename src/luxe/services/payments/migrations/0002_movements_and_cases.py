"""refunds, captures in part, disputes, statements and cases"""

import sqlalchemy as sa
from alembic import op

revision = "0002_movements_and_cases"
down_revision = "0001_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("ours", sa.BigInteger(), nullable=True),
        sa.Column("theirs", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), server_default="", nullable=False),
        sa.Column("how", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(state = 'resolved') = (resolved_at IS NOT NULL AND how IS NOT NULL)",
            name=op.f("ck_cases_resolved_by_somebody"),
        ),
        sa.CheckConstraint("state IN ('open', 'resolved')", name=op.f("ck_cases_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("day", "kind", "reference", name="once_a_day"),
        schema="payments",
    )
    op.create_index("ix_cases_state_id", "cases", ["state", "id"], unique=False, schema="payments")
    op.create_table(
        "disputes",
        sa.Column("dispute_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome IN ('opened', 'won', 'lost')", name=op.f("ck_disputes_outcome")),
        sa.PrimaryKeyConstraint("dispute_id", "outcome", name=op.f("pk_disputes")),
        schema="payments",
        info={"append_only": True},
    )
    op.create_index(op.f("ix_disputes_intent_id"), "disputes", ["intent_id"], unique=False, schema="payments")
    op.create_table(
        "movement_history",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("movement_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_movement_history")),
        schema="payments",
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_movement_history_movement_id"),
        "movement_history",
        ["movement_id"],
        unique=False,
        schema="payments",
    )
    op.create_table(
        "movements",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("psp_id", sa.Text(), server_default="", nullable=False),
        sa.Column("failure", sa.Text(), server_default="", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (state = 'pending')", name=op.f("ck_movements_settled_when_not_pending")
        ),
        sa.CheckConstraint("kind IN ('capture', 'refund')", name=op.f("ck_movements_kind")),
        sa.CheckConstraint("state IN ('pending', 'succeeded', 'failed')", name=op.f("ck_movements_state")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_movements_amount_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movements")),
        sa.UniqueConstraint("intent_id", "kind", "key", name="one_for_each_key"),
        schema="payments",
    )
    op.create_index(
        "ix_movements_ask_at",
        "movements",
        ["ask_at"],
        unique=False,
        schema="payments",
        postgresql_where=sa.text("ask_at IS NOT NULL"),
    )
    op.create_index(
        "ix_movements_psp_id",
        "movements",
        ["psp_id"],
        unique=False,
        schema="payments",
        postgresql_where=sa.text("psp_id != ''"),
    )
    op.create_index("ix_movements_run", "movements", ["run"], unique=False, schema="payments")
    op.create_index("ix_movements_settled_at", "movements", ["settled_at"], unique=False, schema="payments")
    op.create_table(
        "reconciled_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_reconciled_days")),
        schema="payments",
    )
    op.create_table(
        "statement_lines",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("movement", sa.Text(), nullable=False),
        sa.Column("psp_intent", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "kind", name=op.f("pk_statement_lines")),
        schema="payments",
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_statement_lines_day"), "statement_lines", ["day"], unique=False, schema="payments"
    )
    op.create_index(
        "ix_statement_lines_movement",
        "statement_lines",
        ["movement"],
        unique=False,
        schema="payments",
        postgresql_where=sa.text("movement != ''"),
    )
    op.create_index(
        op.f("ix_statement_lines_reference"),
        "statement_lines",
        ["reference"],
        unique=False,
        schema="payments",
    )
    op.create_index(
        "ix_history_at", "history", ["at"], unique=False, schema="payments", postgresql_using="brin"
    )
    op.execute(_REFUNDED_BEFORE)


# The provider knows the one refund that an intent could have until now by the intent's own id.
_REFUNDED_BEFORE = """
    INSERT INTO payments.movements
        (id, kind, intent_id, run, key, currency, amount, reason, state, created_at, settled_at)
    SELECT intents.id, 'refund', intents.id, run, 'cancel:1', currency, intents.refunded, 'cancelled', 'succeeded',
        intents.created_at, coalesce(done.at, intents.created_at)
    FROM payments.intents
    LEFT JOIN LATERAL (
        SELECT max(history.at) AS at FROM payments.history
        WHERE history.intent_id = intents.id AND history.refunded > 0
    ) AS done ON true
    WHERE intents.refunded > 0"""
