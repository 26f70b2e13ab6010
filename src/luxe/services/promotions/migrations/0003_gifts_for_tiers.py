"""gifts for tiers"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003_gifts_for_tiers"
down_revision = "0002_gift_cards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tier_gifts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("amounts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(ended_by IS NULL) = (ended_at IS NULL)", name=op.f("ck_tier_gifts_ended_by_somebody")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_gifts")),
        sa.UniqueConstraint("created_by", "key", name=op.f("uq_tier_gifts_created_by_key")),
        schema="promotions",
    )
    op.create_index(
        "ix_tier_gifts_standing",
        "tier_gifts",
        ["tier"],
        unique=False,
        schema="promotions",
        postgresql_where="ended_at IS NULL",
    )
    op.create_table(
        "given_gifts",
        sa.Column("gift_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("card_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id"], ["promotions.gift_cards.id"], name=op.f("fk_given_gifts_card_id")
        ),
        sa.ForeignKeyConstraint(
            ["gift_id"], ["promotions.tier_gifts.id"], name=op.f("fk_given_gifts_gift_id")
        ),
        sa.PrimaryKeyConstraint("gift_id", "account_id", name=op.f("pk_given_gifts")),
        sa.UniqueConstraint("card_id", name=op.f("uq_given_gifts_card_id")),
        schema="promotions",
        info={"append_only": True},
    )
    op.create_index("ix_given_gifts_to", "given_gifts", ["account_id"], unique=False, schema="promotions")
