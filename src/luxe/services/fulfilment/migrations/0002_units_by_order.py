"""units by order"""

import sqlalchemy as sa
from alembic import op

revision = "0002_units_by_order"
down_revision = "0001_fulfilment"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "shipment_units",
        sa.Column("order_id", sa.Text(), server_default="", nullable=False),
        schema="fulfilment",
    )
    op.execute(
        "UPDATE fulfilment.shipment_units AS units SET order_id = shipments.order_id"
        " FROM fulfilment.shipments WHERE shipments.id = units.shipment_id"
    )
    op.drop_index("ix_shipment_units_live", table_name="shipment_units", schema="fulfilment")
    op.create_index(
        "ix_shipment_units_of_order",
        "shipment_units",
        ["order_id", "variant_id", "serial"],
        unique=True,
        schema="fulfilment",
        postgresql_where="live",
    )
    op.create_table_comment(
        "shipment_units",
        "A unit is in one live shipment of an order at most; one that was called off or came back is not live.",
        schema="fulfilment",
    )
