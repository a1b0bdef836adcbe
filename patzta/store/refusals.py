"""Who was refused what, and who wrote as a stranger."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from patzta.store.tables import DenialRow, StrangerRow

LONGEST = 100
"""Characters of an action that are kept."""


async def count(session: AsyncSession, actor_id: int, action: str) -> None:
    """Add one to today's refusals of that action."""
    key = {"actor_id": actor_id, "day": datetime.now(UTC).date(), "action": action[:LONGEST]}
    row = await session.get(DenialRow, key)
    if row is None:
        session.add(DenialRow(**key, count=1))
    else:
        row.count += 1


async def counted(session: AsyncSession, actor_id: int) -> dict[tuple[date, str], int]:
    """How often a user was refused, by day (UTC) and action."""
    rows = await session.scalars(select(DenialRow).where(DenialRow.actor_id == actor_id))
    return {(row.day, row.action): row.count for row in rows}


async def note_stranger(session: AsyncSession, user_id: int) -> bool:
    """Remember that a stranger wrote; whether it is the first time."""
    if await session.get(StrangerRow, user_id):
        return False
    session.add(StrangerRow(user_id=user_id, noticed_at=datetime.now(UTC)))
    return True
