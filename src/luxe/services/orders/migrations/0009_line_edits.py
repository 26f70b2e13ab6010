"""line edits"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009_line_edits"
down_revision = "0008_runs_that_place_no_more"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "line_edits",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("units", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_edits")),
        sa.UniqueConstraint("run", name=op.f("uq_line_edits_run")),
        schema="orders",
        comment="How far an edit has come, the refund of its run tells.",
        info={"append_only": True},
    )
    op.create_index(op.f("ix_line_edits_order_id"), "line_edits", ["order_id"], unique=False, schema="orders")
    op.drop_constraint(op.f("ck_refunds_goods_within_amount"), "refunds", schema="orders")
    op.create_check_constraint(
        op.f("ck_refunds_goods_within_amount"),
        "refunds",
        "(amount >= goods OR kind = 'edit') AND goods >= 0",
        schema="orders",
    )
