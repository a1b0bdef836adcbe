"""Runs over the test channels, and blind votes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("model", sa.String(length=300), nullable=False),
        sa.Column("adapter", sa.String(length=64), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_table(
        "run_answer",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=100), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Double[float](), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_answer_run_id_run"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "channel_id", name=op.f("pk_run_answer")),
    )
    op.create_table(
        "blind",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.String(length=300), nullable=False),
        sa.Column("adapter", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blind")),
    )
    op.create_table(
        "blind_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("blind_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("real_first", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["blind_id"], ["blind.id"], name=op.f("fk_blind_item_blind_id_blind"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blind_item")),
    )
    op.create_index(op.f("ix_blind_item_blind_id"), "blind_item", ["blind_id"])
    for name, column in (("vote", sa.Column("chose_first", sa.Boolean(), nullable=False)), ("person", None)):
        op.create_table(
            f"blind_{name}",
            sa.Column("item_id", sa.Integer(), nullable=False),
            sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
            *([column] if column is not None else []),
            sa.ForeignKeyConstraint(
                ["item_id"],
                ["blind_item.id"],
                name=op.f(f"fk_blind_{name}_item_id_blind_item"),
                ondelete="CASCADE",
            ),
            sa.PrimaryKeyConstraint("item_id", "user_id", name=op.f(f"pk_blind_{name}")),
        )
    op.create_index(op.f("ix_blind_person_user_id"), "blind_person", ["user_id"])


def downgrade() -> None:
    for table in ("blind_person", "blind_vote", "blind_item", "blind", "run_answer", "run"):
        op.drop_table(table)
