"""Levels given to users by hand."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from patzta.permissions import Level
from patzta.store.tables import GrantRow


async def find(session: AsyncSession, user_id: int) -> Level | None:
    """The level granted to a user, or None."""
    row = await session.get(GrantRow, user_id)
    return None if row is None else Level(row.level)


async def save(session: AsyncSession, user_id: int, level: Level, by: int) -> None:
    """Grant a level below owner. Raises sqlalchemy.exc.IntegrityError for an owner: only a config makes one."""
    await session.merge(GrantRow(user_id=user_id, level=int(level), changed_at=datetime.now(UTC), changed_by=by))
