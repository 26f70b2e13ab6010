"""who carries a payment out, the method that was chosen for it and until when it may be paid"""

import sqlalchemy as sa
from alembic import op

revision = "0003_providers_and_methods"
down_revision = "0002_movements_and_cases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "intents",
        sa.Column("provider", sa.Text(), server_default="simulator", nullable=False),
        schema="payments",
    )
    op.add_column(
        "intents", sa.Column("wanted", sa.Text(), server_default="", nullable=False), schema="payments"
    )
    op.add_column(
        "intents", sa.Column("country", sa.Text(), server_default="", nullable=False), schema="payments"
    )
    op.add_column(
        "intents", sa.Column("pay_by", sa.DateTime(timezone=True), nullable=True), schema="payments"
    )
