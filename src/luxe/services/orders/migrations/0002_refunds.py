"""refunds"""

import sqlalchemy as sa
from alembic import op

revision = "0002_refunds"
down_revision = "0001_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refunds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("goods", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("points_back", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("points_taken", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount >= goods AND goods >= 0", name=op.f("ck_refunds_goods_within_amount")),
        sa.CheckConstraint(
            "(state = 'pending') = (done_at IS NULL)", name=op.f("ck_refunds_pending_has_no_end")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("run", name=op.f("uq_refunds_run")),
        schema="orders",
        comment="A row without an order says that a run may set nothing aside any more.",
    )
    op.create_index(op.f("ix_refunds_order_id"), "refunds", ["order_id"], unique=False, schema="orders")
    op.drop_constraint(op.f("ck_orders_paid_has_time"), "orders", schema="orders", type_="check")
    op.create_check_constraint(
        op.f("ck_orders_paid_has_time"),
        "orders",
        "CASE state WHEN 'placed' THEN paid_at IS NULL WHEN 'cancelled' THEN true ELSE paid_at IS NOT NULL END",
        schema="orders",
    )
