"""locations, transfers, lots, what is to come, what was shipped and came back, low stock"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003_locations_and_lives"
down_revision = "0002_runs_that_have_let_go"
branch_labels = None
depends_on = None

_CHECKS = {
    "moves_alone": "transfer IS NULL OR (run IS NULL AND coming = 0)",
    "made_to_order": "(coming = 2) = (lead_days IS NOT NULL)",
    "comes_on_a_day": "coming <> 1 OR expected_on IS NOT NULL",
    "has_come": "coming <> 0 OR expected_on IS NULL",
    "shipped_by_key": "(shipment IS NULL) = (shipped_at IS NULL)",
    "shipped_if_sold": "shipment IS NULL OR (order_id IS NOT NULL AND coming = 0)",
}


def upgrade() -> None:
    op.create_table(
        "locations",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('warehouse', 'boutique', 'brand')", name=op.f("ck_locations_kind_known")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_locations")),
        schema="inventory",
    )
    op.execute(
        """
        INSERT INTO inventory.locations (code, name, kind, country, active)
        SELECT code, CASE code WHEN 'main' THEN 'Main warehouse' ELSE code END, 'warehouse', '', true
        FROM (SELECT 'main' AS code UNION SELECT location FROM inventory.units) AS known
        """
    )
    _tables_beside()
    op.add_column("movements", sa.Column("lot", sa.Text(), nullable=True), schema="inventory")
    _units()
    op.execute(
        """
        INSERT INTO inventory.levels (variant_id, low, since)
        SELECT variant_id, count(*) <= 1, now() FROM inventory.units WHERE order_id IS NULL GROUP BY variant_id
        """
    )


def _tables_beside() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("variant_id", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'in_transit') = (ended_at IS NULL)", name=op.f("ck_transfers_ends_once")
        ),
        sa.CheckConstraint("arrived BETWEEN 0 AND quantity", name=op.f("ck_transfers_none_too_many")),
        sa.ForeignKeyConstraint(
            ["destination"], ["inventory.locations.code"], name=op.f("fk_transfers_destination")
        ),
        sa.ForeignKeyConstraint(["origin"], ["inventory.locations.code"], name=op.f("fk_transfers_origin")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
        sa.UniqueConstraint("key", name=op.f("uq_transfers_key")),
        schema="inventory",
    )
    op.create_table(
        "lots",
        sa.Column("variant_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.UniqueConstraint("variant_id", "number", name=op.f("uq_lots_variant_id_number")),
        schema="inventory",
        info={"append_only": True},
    )
    op.create_table(
        "restocks",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("units", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("damaged", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_restocks")),
        schema="inventory",
        comment="What came back from which order; `units` is the answer that the same key gets again.",
        info={"append_only": True},
    )
    op.create_index(op.f("ix_restocks_order_id"), "restocks", ["order_id"], unique=False, schema="inventory")
    op.create_table(
        "levels",
        sa.Column("variant_id", sa.Text(), nullable=False),
        sa.Column("low_at", sa.Integer(), nullable=True),
        sa.Column("low", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_levels")),
        schema="inventory",
        comment="Whether a variant is low, as was last told. A sale never writes here.",
    )


def _units() -> None:
    for column in (
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column(
            "coming",
            sa.SmallInteger(),
            server_default="0",
            nullable=False,
            comment="0 it is here, 1 it comes on a day, 2 it is made to order",
        ),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("lead_days", sa.Integer(), nullable=True),
        sa.Column("transfer", sa.Text(), nullable=True),
        sa.Column("shipment", sa.Text(), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("units", column, schema="inventory")
    for name, condition in _CHECKS.items():
        op.create_check_constraint(op.f(f"ck_units_{name}"), "units", condition, schema="inventory")
    for column, table, target in (("location", "locations", "code"), ("transfer", "transfers", "id")):
        op.create_foreign_key(
            op.f(f"fk_units_{column}"),
            "units",
            table,
            [column],
            [target],
            source_schema="inventory",
            referent_schema="inventory",
        )
    op.drop_index("ix_units_free", table_name="units", schema="inventory")
    op.create_index(
        "ix_units_free",
        "units",
        ["variant_id", "coming", "expected_on", "received_at", "id"],
        unique=False,
        schema="inventory",
        postgresql_where="run IS NULL AND transfer IS NULL",
    )
    for column in ("order_id", "transfer"):
        op.create_index(
            f"ix_units_{column}",
            "units",
            [column],
            unique=False,
            schema="inventory",
            postgresql_where=f"{column} IS NOT NULL",
        )
