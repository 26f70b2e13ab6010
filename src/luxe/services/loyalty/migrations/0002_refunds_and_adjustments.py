"""refunds, debts, adjustments by hand, recounts"""

import sqlalchemy as sa
from alembic import op

revision = "0002_refunds_and_adjustments"
down_revision = "0001_points_ledger"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "adjustments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("four_eyes", sa.Boolean(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points <> 0", name=op.f("ck_adjustments_moves_something")),
        sa.CheckConstraint("proposed_by <> account_id", name=op.f("ck_adjustments_nobodys_own")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustments")),
        sa.UniqueConstraint("proposed_by", "key", name=op.f("uq_adjustments_proposed_by_key")),
        schema="loyalty",
        info={"append_only": True},
    )
    op.create_index(
        "ix_adjustments_of",
        "adjustments",
        ["account_id", "proposed_by", "at"],
        unique=False,
        schema="loyalty",
    )
    op.create_table(
        "adjustment_decisions",
        sa.Column("adjustment_id", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("decided_by <> proposed_by", name=op.f("ck_adjustment_decisions_two_people")),
        sa.ForeignKeyConstraint(
            ["adjustment_id"], ["loyalty.adjustments.id"], name=op.f("fk_adjustment_decisions_adjustment_id")
        ),
        sa.PrimaryKeyConstraint("adjustment_id", name=op.f("pk_adjustment_decisions")),
        schema="loyalty",
        info={"append_only": True},
    )
    op.create_table(
        "recounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recounts")),
        schema="loyalty",
    )
    op.create_table(
        "recount_differences",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("recount_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recount_id"], ["loyalty.recounts.id"], name=op.f("fk_recount_differences_recount_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_recount_differences")),
        schema="loyalty",
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_recount_differences_recount_id"),
        "recount_differences",
        ["recount_id"],
        unique=False,
        schema="loyalty",
    )
    op.create_table(
        "lot_moves",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("lot_id", sa.Text(), nullable=False),
        sa.Column("journal_id", sa.Text(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points <> 0", name=op.f("ck_lot_moves_moves_something")),
        sa.ForeignKeyConstraint(
            ["journal_id"], ["loyalty.journals.id"], name=op.f("fk_lot_moves_journal_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["loyalty.lots.id"], name=op.f("fk_lot_moves_lot_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_lot_moves")),
        schema="loyalty",
        comment="Without a journal: what was left in a lot when moves began to be kept.",
        info={"append_only": True},
    )
    op.create_index(op.f("ix_lot_moves_lot_id"), "lot_moves", ["lot_id"], unique=False, schema="loyalty")
    op.create_index(
        op.f("ix_lot_moves_journal_id"), "lot_moves", ["journal_id"], unique=False, schema="loyalty"
    )
    op.create_table(
        "sales",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("net_paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.Column("redeemed", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_sales")),
        schema="loyalty",
        comment="Without a currency: settled before what was paid was kept; the first refund reverses all of it.",
        info={"append_only": True},
    )
    op.create_index(op.f("ix_sales_account_id"), "sales", ["account_id"], unique=False, schema="loyalty")
    op.create_table(
        "reversals",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("taken_back", sa.BigInteger(), nullable=False),
        sa.Column("given_back", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "refunded_minor >= 0 AND taken_back >= 0 AND given_back >= 0",
            name=op.f("ck_reversals_only_reverses"),
        ),
        sa.ForeignKeyConstraint(["run"], ["loyalty.sales.run"], name=op.f("fk_reversals_run")),
        sa.PrimaryKeyConstraint("run", "key", name=op.f("pk_reversals")),
        schema="loyalty",
        info={"append_only": True},
    )
    for table in ("balances", "journals"):
        op.add_column(
            table,
            sa.Column("owed", sa.BigInteger(), server_default="0", nullable=False),
            schema="loyalty",
        )
    _check("balances", "never_negative", "available >= 0 AND held >= 0 AND owed >= 0")
    _check(
        "journals",
        "kind",
        "kind IN ('earn', 'redeem', 'expire', 'adjust', 'reverse', 'restore', 'repay', 'hold', 'release')",
    )
    _carry_over()


def _check(table: str, name: str, condition: str) -> None:
    constraint = op.f(f"ck_{table}_{name}")
    op.drop_constraint(constraint, table, schema="loyalty")
    op.create_check_constraint(constraint, table, condition, schema="loyalty")


def _carry_over() -> None:
    """What is left in each lot, and what runs have settled so far, as far as it was kept."""
    op.execute("""
        INSERT INTO loyalty.lot_moves (lot_id, points)
        SELECT id, remaining FROM loyalty.lots WHERE remaining > 0 ORDER BY id
    """)
    op.execute("""
        INSERT INTO loyalty.sales (run, account_id, reference, net_paid_minor, currency, earned, redeemed, at)
        SELECT run, min(account_id), min(reference), 0, '', coalesce(sum(points) FILTER (WHERE kind = 'earn'), 0),
            coalesce(-sum(points) FILTER (WHERE kind = 'redeem'), 0), min(at)
        FROM loyalty.journals WHERE kind IN ('earn', 'redeem') AND run IS NOT NULL GROUP BY run
    """)
