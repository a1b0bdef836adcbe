"""The tables, as the newest migration leaves them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Batch migrations on SQLite can drop only constraints that have a name.
NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(naming_convention=NAMES)


class UTCTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite keeps none, so it is stored without its zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.replace(tzinfo=UTC)


class GrantRow(Table):
    """A level given to a user by hand; it wins over the config, except over an owner there."""

    __tablename__ = "grant"
    __table_args__ = (CheckConstraint("level BETWEEN 0 AND 3", name="level"),)

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    level: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(UTCTime)
    changed_by: Mapped[int] = mapped_column(BigInteger)


class PermissionEventRow(Table):
    """A change of a user's level. Rows are only ever added; None means no grant."""

    __tablename__ = "permission_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCTime)
    actor_id: Mapped[int] = mapped_column(BigInteger)
    actor_level: Mapped[int]
    subject_id: Mapped[int] = mapped_column(BigInteger, index=True)
    before: Mapped[int | None]
    after: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(20))
    guild_id: Mapped[int | None] = mapped_column(BigInteger)
    channel_id: Mapped[int | None] = mapped_column(BigInteger)
    request_id: Mapped[int | None] = mapped_column(BigInteger)


class DenialRow(Table):
    """How often a user was refused something on a day (UTC)."""

    __tablename__ = "denial"

    actor_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    action: Mapped[str] = mapped_column(String(100), primary_key=True)
    count: Mapped[int]


class StrangerRow(Table):
    """A stranger of whom the owners were told."""

    __tablename__ = "stranger"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    noticed_at: Mapped[datetime] = mapped_column(UTCTime)


class CommandSyncRow(Table):
    """What commands Discord was told last; server 0 is everywhere."""

    __tablename__ = "command_sync"

    api: Mapped[str] = mapped_column(String(200), primary_key=True)
    application_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))
    synced_at: Mapped[datetime] = mapped_column(UTCTime)


class PlaceRow(Table):
    """How far a place (a channel, a thread, a direct chat) is answered. Ids are Discord's, which grow with time."""

    __tablename__ = "place"

    place_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    answered: Mapped[int] = mapped_column(BigInteger)
    answering: Mapped[int | None] = mapped_column(BigInteger)
    nonce: Mapped[int | None] = mapped_column(BigInteger)
    before: Mapped[int | None] = mapped_column(BigInteger)
    reset: Mapped[int] = mapped_column(BigInteger)
    muted_until: Mapped[datetime | None] = mapped_column(UTCTime)


class AnswerRow(Table):
    """Whom a message of the double answered."""

    __tablename__ = "answer"

    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    place_id: Mapped[int] = mapped_column(BigInteger)
    answers: Mapped[int] = mapped_column(BigInteger, index=True)
    user_id: Mapped[int] = mapped_column(BigInteger, index=True)


class PersonRow(Table):
    """What is known of a person: their name in the training data, and whether their words may be kept."""

    __tablename__ = "person"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    alias: Mapped[str | None] = mapped_column(String(100))
    consents: Mapped[bool | None]
    asked_at: Mapped[datetime | None] = mapped_column(UTCTime)
    greeted_at: Mapped[datetime | None] = mapped_column(UTCTime)


class JudgementRow(Table):
    """What somebody thought of an answer: 1 or -1, with the context (JSON) as the model saw it."""

    __tablename__ = "judgement"
    __table_args__ = (UniqueConstraint("message_id", "judge_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCTime)
    message_id: Mapped[int] = mapped_column(BigInteger)
    judge_id: Mapped[int] = mapped_column(BigInteger, index=True)
    verdict: Mapped[int]
    context: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)


class JudgementPersonRow(Table):
    """Whose words are in a judgement: it goes when one of them no longer agrees."""

    __tablename__ = "judgement_person"

    judgement_id: Mapped[int] = mapped_column(ForeignKey("judgement.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)


class RunRow(Table):
    """A run over the test channels. ``state`` is running, done, cancelled or broken off."""

    __tablename__ = "run"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCTime)
    state: Mapped[str] = mapped_column(String(20))
    model: Mapped[str] = mapped_column(String(300))
    adapter: Mapped[str] = mapped_column(String(64))
    settings: Mapped[str] = mapped_column(Text)


class RunAnswerRow(Table):
    """What the double said in one test channel, or why it did not."""

    __tablename__ = "run_answer"

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(String(100))
    link: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    error: Mapped[str] = mapped_column(Text)
    seconds: Mapped[float]


class BlindRow(Table):
    """A blind vote between real replies and the double's."""

    __tablename__ = "blind"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCTime)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    model: Mapped[str] = mapped_column(String(300))
    adapter: Mapped[str] = mapped_column(String(64))


class BlindItemRow(Table):
    """One question of a blind vote: the message that asks it, and which of its two replies is real."""

    __tablename__ = "blind_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    blind_id: Mapped[int] = mapped_column(ForeignKey("blind.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    real_first: Mapped[bool]


class BlindVoteRow(Table):
    """Which reply somebody takes for the person's own."""

    __tablename__ = "blind_vote"

    item_id: Mapped[int] = mapped_column(ForeignKey("blind_item.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    chose_first: Mapped[bool]


class BlindPersonRow(Table):
    """Whose words are in a question: it goes when one of them no longer agrees."""

    __tablename__ = "blind_person"

    item_id: Mapped[int] = mapped_column(ForeignKey("blind_item.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)


class JobRow(Table):
    """A job as it was found last. Its folder is the truth."""

    __tablename__ = "job"
    # A number is never given again, even after its row is gone.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    command: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20), index=True)
    exit_code: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    executor: Mapped[str] = mapped_column(String(20))
    engine_id: Mapped[str] = mapped_column(String(100))
    actor: Mapped[str] = mapped_column(String(100))
    created: Mapped[datetime] = mapped_column(UTCTime)
    started: Mapped[datetime | None] = mapped_column(UTCTime)
    ended: Mapped[datetime | None] = mapped_column(UTCTime)


class JobEventRow(Table):
    """What somebody was about to do to a job. Rows are only ever added."""

    __tablename__ = "job_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCTime)
    actor: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(20))
    job_id: Mapped[int] = mapped_column(index=True)
    detail: Mapped[str] = mapped_column(Text)


class JobViewRow(Table):
    """A message in which a job's terminal is shown."""

    __tablename__ = "job_view"

    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    job_id: Mapped[int] = mapped_column(index=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    scroll: Mapped[int]
    frozen: Mapped[bool]
    finished: Mapped[bool]
    stall: Mapped[int]
