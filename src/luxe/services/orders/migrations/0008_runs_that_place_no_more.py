"""runs that place no more"""

import sqlalchemy as sa
from alembic import op

revision = "0008_runs_that_place_no_more"
down_revision = "0007_edits_and_notes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_runs")),
        schema="orders",
        comment="A closed run places no order any more, however late it asks. Placing and cancelling meet at this row.",
    )
