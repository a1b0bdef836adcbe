"""The messages in which terminals are shown."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from patzta.store.tables import JobViewRow


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A message that shows a job.

    ``scroll`` counts rows up from the newest; ``frozen`` keeps the picture; ``finished`` says that the job's end is
    shown and told; ``stall`` are the minutes of silence after which ``user_id`` is told, 0 for never.
    """

    message_id: int
    channel_id: int
    job_id: int
    user_id: int
    scroll: int = 0
    frozen: bool = False
    finished: bool = False
    stall: int = 0


async def add(session: AsyncSession, shown: ShownJob) -> None:
    """A new one."""
    session.add(JobViewRow(**{field.name: getattr(shown, field.name) for field in fields(ShownJob)}))


async def find(session: AsyncSession, message_id: int) -> ShownJob | None:
    """What the message shows; None when it shows no job."""
    row = await session.get(JobViewRow, message_id)
    return _shown(row) if row else None


async def unfinished(session: AsyncSession) -> list[ShownJob]:
    """Those that are to be kept up to date."""
    return [_shown(row) for row in await session.scalars(select(JobViewRow).where(JobViewRow.finished.is_(False)))]


async def change(session: AsyncSession, message_id: int, **values: Any) -> None:
    """Set columns."""
    await session.execute(update(JobViewRow).where(JobViewRow.message_id == message_id).values(**values))


async def remove(session: AsyncSession, message_id: int) -> None:
    """The message is gone."""
    await session.execute(delete(JobViewRow).where(JobViewRow.message_id == message_id))


def _shown(row: JobViewRow) -> ShownJob:
    return ShownJob(**{field.name: getattr(row, field.name) for field in fields(ShownJob)})
