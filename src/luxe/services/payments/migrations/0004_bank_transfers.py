"""bank transfers"""

import sqlalchemy as sa
from alembic import op

revision = "0004_bank_transfers"
down_revision = "0003_providers_and_methods"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("intent_id", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("matched_by", sa.Text(), server_default="", nullable=False),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'matched') = (intent_id <> '' AND matched_at IS NOT NULL)",
            name=op.f("ck_transfers_matched_to_one"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_transfers_amount_positive")),
        sa.CheckConstraint("state IN ('open', 'matched')", name=op.f("ck_transfers_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
        sa.UniqueConstraint("entry", name=op.f("uq_transfers_entry")),
        schema="payments",
    )
    op.create_index("ix_transfers_state_id", "transfers", ["state", "id"], unique=False, schema="payments")
    op.create_index(
        "ix_transfers_intent_id",
        "transfers",
        ["intent_id"],
        unique=False,
        schema="payments",
        postgresql_where=sa.text("intent_id != ''"),
    )
