"""orders to ship"""

import sqlalchemy as sa
from alembic import op

revision = "0006_orders_to_ship"
down_revision = "0005_bills"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_orders_to_ship",
        "orders",
        ["id"],
        unique=False,
        schema="orders",
        postgresql_where=sa.text("state IN ('paid', 'partly_shipped')"),
    )
