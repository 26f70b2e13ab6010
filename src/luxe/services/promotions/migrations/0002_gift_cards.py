"""gift cards"""

import sqlalchemy as sa
from alembic import op

revision = "0002_gift_cards"
down_revision = "0001_vouchers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gift_cards",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("issued_minor", sa.BigInteger(), nullable=False),
        sa.Column("available_minor", sa.BigInteger(), nullable=False),
        sa.Column("held_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "available_minor >= 0 AND held_minor >= 0", name=op.f("ck_gift_cards_never_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_cards")),
        sa.UniqueConstraint("created_by", "key", name=op.f("uq_gift_cards_created_by_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_gift_cards_digest")),
        schema="promotions",
    )
    op.create_table(
        "gift_card_ends",
        sa.Column("card_id", sa.Text(), nullable=False),
        sa.Column("revoked_by", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id"], ["promotions.gift_cards.id"], name=op.f("fk_gift_card_ends_card_id")
        ),
        sa.PrimaryKeyConstraint("card_id", name=op.f("pk_gift_card_ends")),
        schema="promotions",
        info={"append_only": True},
    )
    op.create_table(
        "gift_journals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=True),
        sa.Column("card_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('issue', 'hold', 'release', 'spend', 'return')", name=op.f("ck_gift_journals_kind")
        ),
        sa.ForeignKeyConstraint(
            ["card_id"], ["promotions.gift_cards.id"], name=op.f("fk_gift_journals_card_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_journals")),
        schema="promotions",
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_gift_journals_card_id"), "gift_journals", ["card_id"], unique=False, schema="promotions"
    )
    op.create_index(op.f("ix_gift_journals_run"), "gift_journals", ["run"], unique=False, schema="promotions")
    op.create_table(
        "gift_returns",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_gift_returns_only_gives")),
        sa.ForeignKeyConstraint(["run"], ["promotions.runs.run"], name=op.f("fk_gift_returns_run")),
        sa.PrimaryKeyConstraint("run", "key", name=op.f("pk_gift_returns")),
        schema="promotions",
        info={"append_only": True},
    )
    op.create_table(
        "gift_uses",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("card_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_gift_uses_takes_something")),
        sa.ForeignKeyConstraint(["card_id"], ["promotions.gift_cards.id"], name=op.f("fk_gift_uses_card_id")),
        sa.ForeignKeyConstraint(["run"], ["promotions.runs.run"], name=op.f("fk_gift_uses_run")),
        sa.PrimaryKeyConstraint("run", "card_id", name=op.f("pk_gift_uses")),
        schema="promotions",
        info={"append_only": True},
    )
    op.create_table(
        "gift_entries",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("journal_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_gift_entries_moves_something")),
        sa.ForeignKeyConstraint(
            ["journal_id"], ["promotions.gift_journals.id"], name=op.f("fk_gift_entries_journal_id")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_gift_entries")),
        schema="promotions",
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_gift_entries_account"), "gift_entries", ["account"], unique=False, schema="promotions"
    )
    op.create_index(
        op.f("ix_gift_entries_journal_id"), "gift_entries", ["journal_id"], unique=False, schema="promotions"
    )
    op.execute("""
        CREATE FUNCTION promotions.gift_journal_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM promotions.gift_entries WHERE journal_id = NEW.journal_id
                       GROUP BY currency HAVING sum(amount_minor) <> 0) THEN
                RAISE EXCEPTION 'the entries of journal % do not sum to zero', NEW.journal_id
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE CONSTRAINT TRIGGER gift_journal_sums_to_zero AFTER INSERT ON promotions.gift_entries
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION promotions.gift_journal_sums_to_zero()
    """)
