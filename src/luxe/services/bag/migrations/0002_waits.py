"""pieces that are waited for"""

import sqlalchemy as sa
from alembic import op

revision = "0002_waits"
down_revision = "0001_bag"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waits",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("variant_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "variant_id", name=op.f("pk_waits")),
        schema="bag",
    )
    op.create_index(
        "ix_waits_variant_id_asked_at", "waits", ["variant_id", "asked_at"], unique=False, schema="bag"
    )
