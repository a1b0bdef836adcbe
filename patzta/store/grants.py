"""Levels given to users by hand, and the log of their changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from patzta.permissions import Level
from patzta.store.tables import GrantRow, PermissionEventRow


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a user's grant; None is no grant. ``source`` says through what it was made."""

    at: datetime
    actor_id: int
    actor_level: Level
    subject_id: int
    before: Level | None
    after: Level | None
    source: str
    guild_id: int | None = None
    channel_id: int | None = None
    request_id: int | None = None


async def find(session: AsyncSession, user_id: int) -> Level | None:
    """The level granted to a user, or None."""
    row = await session.get(GrantRow, user_id)
    return None if row is None else Level(row.level)


async def everyone(session: AsyncSession) -> dict[int, Level]:
    """All grants by user."""
    return {row.user_id: Level(row.level) for row in await session.scalars(select(GrantRow))}


async def save(session: AsyncSession, user_id: int, level: Level, by: int) -> None:
    """Grant a level below owner. Raises sqlalchemy.exc.IntegrityError for an owner: only a config makes one."""
    await session.merge(GrantRow(user_id=user_id, level=int(level), changed_at=datetime.now(UTC), changed_by=by))


async def apply(session: AsyncSession, change: Change) -> None:
    """Make a change and log it. Raises sqlalchemy.exc.IntegrityError for an owner."""
    if change.after is None:
        await session.execute(delete(GrantRow).where(GrantRow.user_id == change.subject_id))
    else:
        await save(session, change.subject_id, change.after, change.actor_id)
    session.add(
        PermissionEventRow(
            at=change.at,
            actor_id=change.actor_id,
            actor_level=int(change.actor_level),
            subject_id=change.subject_id,
            before=_number(change.before),
            after=_number(change.after),
            source=change.source,
            guild_id=change.guild_id,
            channel_id=change.channel_id,
            request_id=change.request_id,
        )
    )


async def history(session: AsyncSession, subject_id: int | None, limit: int) -> list[Change]:
    """The newest changes, of one user or of all, newest first."""
    query = select(PermissionEventRow).order_by(PermissionEventRow.id.desc()).limit(limit)
    if subject_id is not None:
        query = query.where(PermissionEventRow.subject_id == subject_id)
    return [_change(row) for row in await session.scalars(query)]


def _change(row: PermissionEventRow) -> Change:
    return Change(
        row.at,
        row.actor_id,
        Level(row.actor_level),
        row.subject_id,
        _level(row.before),
        _level(row.after),
        row.source,
        row.guild_id,
        row.channel_id,
        row.request_id,
    )


def _number(level: Level | None) -> int | None:
    return None if level is None else int(level)


def _level(number: int | None) -> Level | None:
    return None if number is None else Level(number)
