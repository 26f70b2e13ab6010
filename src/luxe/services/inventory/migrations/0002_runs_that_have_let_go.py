"""runs that have let go"""

import sqlalchemy as sa
from alembic import op

revision = "0002_runs_that_have_let_go"
down_revision = "0001_units_and_movements"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_runs")),
        schema="inventory",
        comment="Whoever holds or releases locks the run's row first; a run that has let go holds nothing any more.",
    )
    op.create_index(op.f("ix_runs_at"), "runs", ["at"], unique=False, schema="inventory")
