"""exchanges"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010_exchanges"
down_revision = "0009_line_edits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchanges",
        sa.Column("return_id", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("wanted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=True),
        sa.Column("pay_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replacement_id", sa.Text(), server_default="", nullable=False),
        sa.Column("freed_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("return_id", name=op.f("pk_exchanges")),
        sa.UniqueConstraint("run", name=op.f("uq_exchanges_run")),
        schema="orders",
        comment="Beside the return of each unit that comes back for another piece.",
    )
    op.create_index(
        "ix_exchanges_freed_by",
        "exchanges",
        ["freed_by"],
        unique=False,
        schema="orders",
        postgresql_where=sa.text("freed_by != ''"),
    )
    op.create_index(op.f("ix_exchanges_order_id"), "exchanges", ["order_id"], unique=False, schema="orders")
    op.create_index(
        "ix_exchanges_replacement",
        "exchanges",
        ["replacement_id"],
        unique=False,
        schema="orders",
        postgresql_where=sa.text("replacement_id != ''"),
    )
