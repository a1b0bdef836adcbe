"""Jobs as they were found last, and who did what to them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from patzta.jobs.contract import Job, Status
from patzta.store.tables import JobEventRow, JobRow

ENDED = [status for status in Status if status.final]


async def add(session: AsyncSession, actor: str, command: str, name: str, executor: str) -> Job:
    """A new job, queued, under a number that never existed before; noted as begun by ``actor``."""
    row = JobRow(
        actor=actor, command=command, name=name, executor=executor, engine_id="", status=Status.QUEUED, reason=""
    )
    row.created = datetime.now(UTC)
    session.add(row)
    await session.flush()
    await note(session, actor, "run", row.id, command)
    return _job(row)


async def adopt(session: AsyncSession, job: Job) -> None:
    """Take in a job of which only its folder knows."""
    if await session.get(JobRow, job.id) is None:
        session.add(JobRow(**{field.name: getattr(job, field.name) for field in fields(Job)}))


async def change(session: AsyncSession, number: int, **values: Any) -> None:
    """Set columns of a job."""
    await session.execute(update(JobRow).where(JobRow.id == number).values(**values))


async def settle(session: AsyncSession, job: Job) -> None:
    """Note how it was found, unless somebody else has found its end."""
    values = {name: getattr(job, name) for name in ("status", "exit_code", "reason", "started", "ended")}
    query = update(JobRow).where(JobRow.id == job.id, JobRow.status.not_in(ENDED))
    await session.execute(query.values(**values))


async def find(session: AsyncSession, number: int) -> Job | None:
    """A job."""
    row = await session.get(JobRow, number)
    return _job(row) if row else None


async def page(session: AsyncSession, before: int | None, count: int, wanted: Status | None = None) -> list[Job]:
    """At most ``count`` jobs with a number below ``before``, newest first."""
    query = select(JobRow).order_by(JobRow.id.desc()).limit(count)
    if before is not None:
        query = query.where(JobRow.id < before)
    if wanted is not None:
        query = query.where(JobRow.status == wanted)
    return [_job(row) for row in await session.scalars(query)]


async def numbers(session: AsyncSession) -> set[int]:
    """Of all jobs."""
    return set(await session.scalars(select(JobRow.id)))


async def open_ones(session: AsyncSession) -> list[Job]:
    """Those whose end is not known, oldest first."""
    rows = await session.scalars(select(JobRow).where(JobRow.status.not_in(ENDED)).order_by(JobRow.id))
    return [_job(row) for row in rows]


async def note(session: AsyncSession, actor: str, action: str, number: int, detail: str = "") -> None:
    """Keep what somebody is about to do. Rows are only ever added."""
    session.add(JobEventRow(at=datetime.now(UTC), actor=actor, action=action, job_id=number, detail=detail))


async def events(session: AsyncSession, number: int, count: int) -> list[tuple[datetime, str, str, str]]:
    """The newest ``count`` actions on a job, newest first: when, who, what, detail."""
    query = select(JobEventRow).where(JobEventRow.job_id == number).order_by(JobEventRow.id.desc()).limit(count)
    return [(row.at, row.actor, row.action, row.detail) for row in await session.scalars(query)]


def _job(row: JobRow) -> Job:
    return replace(Job(**{field.name: getattr(row, field.name) for field in fields(Job)}), status=Status(row.status))
