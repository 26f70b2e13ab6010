"""discounts, gift cards and taxes of orders"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_discounts_gifts_taxes"
down_revision = "0003_returns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("discount", "tax_added", "gift_worth"):
        op.add_column(
            "orders", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False), schema="orders"
        )
    op.add_column(
        "orders",
        sa.Column("terms", postgresql.JSONB(), server_default="{}", nullable=False),
        schema="orders",
    )
    op.drop_constraint(op.f("ck_orders_sums"), "orders", schema="orders", type_="check")
    op.create_check_constraint(
        op.f("ck_orders_sums"),
        "orders",
        "payable = goods - discount + delivery + tax_added - points_worth - gift_worth AND payable >= 0"
        " AND discount >= 0 AND tax_added >= 0 AND gift_worth >= 0",
        schema="orders",
    )
    op.add_column(
        "refunds", sa.Column("gift", sa.BigInteger(), server_default="0", nullable=False), schema="orders"
    )
    op.create_check_constraint(
        op.f("ck_refunds_gift_within_amount"), "refunds", "amount >= gift AND gift >= 0", schema="orders"
    )
