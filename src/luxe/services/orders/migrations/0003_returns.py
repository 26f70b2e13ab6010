"""returns"""

import sqlalchemy as sa
from alembic import op

revision = "0003_returns"
down_revision = "0002_refunds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "return_units",
        sa.Column("return_id", sa.Text(), nullable=False),
        sa.Column("variant_id", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("condition", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("return_id", "variant_id", "serial", name=op.f("pk_return_units")),
        schema="orders",
    )
    op.create_table(
        "returns",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), server_default="", nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
        sa.UniqueConstraint("number", name=op.f("uq_returns_number")),
        sa.UniqueConstraint("run", name=op.f("uq_returns_run")),
        schema="orders",
        comment="A row without an order says that a run may request nothing any more.",
    )
    op.create_index(
        "ix_returns_account_id_id", "returns", ["account_id", "id"], unique=False, schema="orders"
    )
    op.create_index("ix_returns_open", "returns", ["state", "id"], unique=False, schema="orders")
    op.create_index(op.f("ix_returns_order_id"), "returns", ["order_id"], unique=False, schema="orders")
