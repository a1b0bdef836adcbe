"""Runs over the test channels: with what the double spoke, and what it said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from patzta.store.tables import RunAnswerRow, RunRow

RUNNING, DONE, CANCELLED, BROKEN_OFF = "running", "done", "cancelled", "broken off"


@dataclass(frozen=True, slots=True)
class Run:
    """``model`` is the model folder, ``adapter`` the fingerprint of its training, ``settings`` JSON."""

    id: int
    at: datetime
    ended_at: datetime | None
    state: str
    model: str
    adapter: str
    settings: str


@dataclass(frozen=True, slots=True)
class RunAnswer:
    """One channel: the text of the whole burst, or the error, and how long it took."""

    channel_id: int
    channel: str
    link: str
    text: str
    error: str
    seconds: float


async def begin(session: AsyncSession, model: str, adapter: str, settings: str) -> int:
    """A new run's id."""
    row = RunRow(at=datetime.now(UTC), state=RUNNING, model=model, adapter=adapter, settings=settings)
    session.add(row)
    await session.flush()
    return row.id


async def end(session: AsyncSession, run_id: int, state: str) -> None:
    """The run ended, unless it already had."""
    mine = (RunRow.id == run_id, RunRow.ended_at.is_(None))
    await session.execute(update(RunRow).where(*mine).values(state=state, ended_at=datetime.now(UTC)))


async def end_left_over(session: AsyncSession, since: datetime) -> None:
    """Runs from before ``since`` that nobody works on: their process ended."""
    left = (RunRow.at < since, RunRow.ended_at.is_(None))
    await session.execute(update(RunRow).where(*left).values(state=BROKEN_OFF, ended_at=datetime.now(UTC)))


async def note(session: AsyncSession, run_id: int, answer: RunAnswer) -> None:
    """Keep what was said in a channel."""
    session.add(RunAnswerRow(run_id=run_id, **{name: getattr(answer, name) for name in RunAnswer.__slots__}))


async def find(session: AsyncSession, run_id: int) -> Run | None:
    """A run."""
    row = await session.get(RunRow, run_id)
    return _run(row) if row else None


async def answers(session: AsyncSession, run_id: int) -> list[RunAnswer]:
    """What was said in it, by channel."""
    rows = await session.scalars(
        select(RunAnswerRow).where(RunAnswerRow.run_id == run_id).order_by(RunAnswerRow.channel)
    )
    return [RunAnswer(**{name: getattr(row, name) for name in RunAnswer.__slots__}) for row in rows]


async def newest(session: AsyncSession, limit: int) -> list[Run]:
    """The newest runs first."""
    return [_run(row) for row in await session.scalars(select(RunRow).order_by(RunRow.id.desc()).limit(limit))]


def _run(row: RunRow) -> Run:
    return Run(**{name: getattr(row, name) for name in Run.__slots__})
