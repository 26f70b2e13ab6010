"""what went back of an order no longer counts"""

import sqlalchemy as sa
from alembic import op

revision = "0002_refunds_of_spend"
down_revision = "0001_memberships"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "spend",
        sa.Column("refunded_minor", sa.BigInteger(), server_default="0", nullable=False),
        schema="membership",
    )
    op.create_table(
        "spend_refunds",
        sa.Column("refund_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minor > 0", name=op.f("ck_spend_refunds_takes_something")),
        sa.PrimaryKeyConstraint("refund_id", name=op.f("pk_spend_refunds")),
        schema="membership",
        info={"append_only": True},
        comment="What went back of an order and had counted; paid_minor less all of them is what base_minor says.",
    )
    op.create_index(
        op.f("ix_spend_refunds_order_id"), "spend_refunds", ["order_id"], unique=False, schema="membership"
    )
