"""bills"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_bills"
down_revision = "0004_discounts_gifts_taxes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bill_numbers",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_bill_numbers")),
        schema="orders",
        comment="Raised in the transaction that issues: a number that was not used is given to the next.",
    )
    op.create_table(
        "bills",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column(
            "refund_id",
            sa.Text(),
            nullable=False,
            comment="Empty for an invoice, of which an order has one.",
        ),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "sheet",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Every word as it was printed.",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bills")),
        sa.UniqueConstraint("number", name=op.f("uq_bills_number")),
        sa.UniqueConstraint("order_id", "refund_id", name=op.f("uq_bills_order_id_refund_id")),
        sa.UniqueConstraint("series", "year", "place", name=op.f("uq_bills_series_year_place")),
        schema="orders",
    )
