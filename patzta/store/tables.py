"""The tables, as the newest migration leaves them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, Dialect, MetaData, String, TypeDecorator
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
