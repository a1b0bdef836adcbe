"""How far each place is answered, whom each answer answered, people and their judgements."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "place",
        sa.Column("place_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("answered", sa.BigInteger(), nullable=False),
        sa.Column("answering", sa.BigInteger(), nullable=True),
        sa.Column("nonce", sa.BigInteger(), nullable=True),
        sa.Column("before", sa.BigInteger(), nullable=True),
        sa.Column("reset", sa.BigInteger(), nullable=False),
        sa.Column("muted_until", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_place")),
    )
    op.create_table(
        "answer",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("answers", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_answers"), "answer", ["answers"])
    op.create_index(op.f("ix_answer_user_id"), "answer", ["user_id"])
    op.create_table(
        "person",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("alias", sa.String(length=100), nullable=True),
        sa.Column("consents", sa.Boolean(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=True),
        sa.Column("greeted_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_person")),
    )
    op.create_table(
        "judgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("judge_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Integer(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
        sa.UniqueConstraint("message_id", "judge_id", name=op.f("uq_judgement_message_id_judge_id")),
    )
    op.create_index(op.f("ix_judgement_judge_id"), "judgement", ["judge_id"])
    op.create_table(
        "judgement_person",
        sa.Column("judgement_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["judgement_id"],
            ["judgement.id"],
            name=op.f("fk_judgement_person_judgement_id_judgement"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("judgement_id", "user_id", name=op.f("pk_judgement_person")),
    )
    op.create_index(op.f("ix_judgement_person_user_id"), "judgement_person", ["user_id"])


def downgrade() -> None:
    for table in ("judgement_person", "judgement", "person", "answer", "place"):
        op.drop_table(table)
