"""The job service: orders become folders, folders are watched, and the store follows them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from patzta.errors import PatztaError
from patzta.jobs import NoSuchJob, NotStarted, NotTaken, survivors
from patzta.jobs.contract import Changed, Job, Order, Piece, State, Status
from patzta.jobs.environment import job_environment
from patzta.jobs.evidence import Evidence
from patzta.jobs.local import Local, argv
from patzta.jobs.settings import JobSettings
from patzta.jobs.supervisor import control, records, slots
from patzta.jobs.supervisor.log import read
from patzta.jobs.supervisor.spec import Spec
from patzta.store import jobs
from patzta.store.database import Database

log = logging.getLogger("patzta.jobs")

LOOK = 1.0
"""Seconds between looks at all jobs that run."""
PIECE = 65536
LOOKS = 15
"""Of the first, for a job that may start at once."""
ENDS = "PATZTA_ENDS"
"""Of the environment: when the allocation is over in which the bot runs, in seconds since 1970."""
MARGIN = 60.0
"""Seconds that a job has to save."""
SHORTEST, LONGEST = 0.02, 0.25
"""Seconds between looks at a log: shortly after there was output, and after a while without."""


class Executor(Protocol):
    """Where jobs run: this machine, or a cluster."""

    name: str

    async def start(self, folder: Path, order: Order, spec: Spec) -> str:
        """Start the job whose folder holds its spec; the engine's own id. Raises NotStarted."""
        ...

    async def look(self, folder: Path, engine_id: str) -> Evidence:
        """How the job is."""
        ...

    async def ask(self, folder: Path, request: dict[str, Any]) -> dict[str, Any]:
        """Ask its supervisor. Raises NotTaken."""
        ...

    async def cancel(self, folder: Path, engine_id: str, request: dict[str, Any]) -> None:
        """End it, by its supervisor where that can be, with this request. Raises NotTaken."""
        ...


class Jobs:
    """See ``JobService``."""

    def __init__(self, database: Database, settings: JobSettings, executors: Sequence[Executor] = ()) -> None:
        self._database = database
        self._settings = settings
        self._executors = {executor.name: executor for executor in (Local(), *executors)}
        self._listeners: set[Changed] = set()
        self._told: dict[int, Status] = {}
        self._open: set[int] = set()
        self._queue = settings.folder / "queue"
        self._queue.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._write_limit()

    def _write_limit(self) -> None:
        """Tell the supervisors, which read it when they want to begin."""
        file = self._queue / slots.LIMIT
        if self._settings.limit:
            control.put(slots.LIMIT, str(self._settings.limit).encode(), str(self._queue))
        else:
            file.unlink(missing_ok=True)

    def folder(self, number: int) -> Path:
        """Where everything of the job is kept."""
        return self._settings.folder / str(number)

    # Starting

    async def run(self, order: Order, actor: str) -> Job:
        """See ``JobService``."""
        words = argv(order)
        executor = self._executors.get(order.executor)
        if executor is None:
            raise NotStarted(f"There is no '{order.executor}' here; there are {', '.join(self._executors)}.")
        order = replace(order, cwd=str(self._settings.cwd / order.cwd))
        job = await self._new(order, actor)
        folder = self.folder(job.id)
        try:
            spec = self._spec(order, words, folder)
            await asyncio.to_thread(self._write, folder, order, spec, job)
            engine_id = await executor.start(folder, order, spec)
        except (NotStarted, OSError) as error:
            await self._settle(job, Evidence(Status.LOST, reason=str(error), ended=datetime.now(UTC)))
            raise NotStarted(f"Job {job.id} could not be started. {error}") from error
        if engine_id:
            job = replace(job, engine_id=engine_id)
            async with self._database.write() as session:
                await jobs.change(session, job.id, engine_id=engine_id)
            await asyncio.to_thread(self._describe, folder, order, job)
        return await self._begun(job)

    async def _begun(self, job: Job) -> Job:
        """The job once it runs; soon as it is, where it has to wait."""
        for _ in range(LOOKS):
            job = await self._look_at(job)
            if job.status is not Status.QUEUED or job.executor != Local.name:
                break
            await asyncio.sleep(SHORTEST)
        return job

    async def _new(self, order: Order, actor: str) -> Job:
        """A row and an empty folder of the same number. Folders that no row knows are taken in on the way."""
        while True:
            async with self._database.write() as session:
                job = await jobs.add(session, actor, order.command, order.name, order.executor)
                # Before anybody can see the row: one without a folder is taken for lost.
                made = self._make(self.folder(job.id))
            if made:
                return job
            if known := self._described(self.folder(job.id)):
                values = asdict(known) | {"id": job.id}
                async with self._database.write() as session:
                    await jobs.change(session, job.id, **values)

    def _make(self, folder: Path) -> bool:
        """An empty folder, unless there is one."""
        try:
            (folder / control.BOX).mkdir(parents=True, mode=0o700)
        except FileExistsError:
            return False
        return True

    def _spec(self, order: Order, words: list[str], folder: Path) -> Spec:
        return Spec(
            words,
            order.cwd,
            job_environment(os.environ, self._settings.environment, order.env, str(folder)),
            rows=order.rows,
            columns=order.columns,
            grace=self._settings.grace,
            walltime=_walltime(order),
            margin=MARGIN,
            memory=order.memory,
            cpu=order.cpu,
            niceness=order.niceness,
            queue=str(self._queue) if order.executor == Local.name else None,
        )

    def _write(self, folder: Path, order: Order, spec: Spec, job: Job) -> None:
        self._describe(folder, order, job)
        spec.write(str(folder))

    def _describe(self, folder: Path, order: Order, job: Job) -> None:
        """What the store would know, for a store that was lost."""
        record = {"order": asdict(order), "actor": job.actor, "created": job.created.timestamp()}
        records.write(str(folder), "job.json", record | {"engine_id": job.engine_id})

    def _described(self, folder: Path) -> Job | None:
        record = records.read(str(folder), "job.json")
        if record is None:
            return None
        order = Order(**record["order"])
        created = datetime.fromtimestamp(record["created"], UTC)
        number, engine_id = int(folder.name), str(record["engine_id"])
        nothing = (Status.UNKNOWN, None, "")
        return Job(
            number, order.name, order.command, *nothing, order.executor, engine_id, record["actor"], created, None, None
        )

    # Watching

    async def keep_watch(self) -> None:
        """Take in what other processes started, and follow every job to its end. Does not return."""
        await self.reconcile()
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except PatztaError as error:
                log.warning("jobs are not looked at: %s", error)

    async def reconcile(self) -> None:
        """Bring the store to what the folders say, also of jobs that it does not know."""
        async with self._database.read() as session:
            known = await jobs.numbers(session)
        names = await asyncio.to_thread(os.listdir, self._settings.folder)
        for number in sorted(int(name) for name in names if name.isdigit()):
            if number not in known and (job := self._described(self.folder(number))):
                async with self._database.write() as session:
                    await jobs.adopt(session, job)
        await self.look()

    async def look(self) -> None:
        """Look at every job that may have changed."""
        async with self._database.read() as session:
            unfinished = await jobs.open_ones(session)
            # Another process may have been first to find their end.
            gone, self._open = self._open - {job.id for job in unfinished}, set()
            ended = [job for number in gone if (job := await jobs.find(session, number))]
        for job in ended:
            self._tell(job)
        for job in unfinished:
            await self._look_at(job)

    async def _look_at(self, job: Job) -> Job:
        executor = self._executors.get(job.executor)
        if executor is None or job.status.final:
            return job
        self._open.add(job.id)
        return await self._settle(job, await executor.look(self.folder(job.id), job.engine_id))

    async def _settle(self, job: Job, found: Evidence) -> Job:
        """Let the store say what was found, and tell who listens."""
        now = replace(
            job,
            status=found.status,
            exit_code=found.exit_code,
            reason=found.reason,
            started=found.started,
            ended=found.ended or (datetime.now(UTC) if found.status.final else None),
        )
        if now == job:
            return job
        async with self._database.write() as session:
            await jobs.settle(session, now)
        self._tell(now)
        return now

    def _tell(self, job: Job) -> None:
        if self._told.get(job.id) != job.status:
            self._told[job.id] = job.status
            for listener in list(self._listeners):
                listener(job)

    def watch(self, changed: Changed) -> Callable[[], None]:
        """See ``JobService``."""
        self._listeners.add(changed)
        return lambda: self._listeners.discard(changed)

    # Reading

    async def get(self, number: int) -> Job:
        """See ``JobService``."""
        async with self._database.read() as session:
            job = await jobs.find(session, number)
        if job is None:
            raise NoSuchJob(number)
        return await self._look_at(job)

    async def page(self, before: int | None, count: int, wanted: Status | None = None) -> list[Job]:
        """See ``JobService``."""
        await self.look()
        async with self._database.read() as session:
            return await jobs.page(session, before, count, wanted)

    async def order(self, number: int) -> Order:
        """See ``JobService``."""
        await self.get(number)
        record = await asyncio.to_thread(records.read, str(self.folder(number)), "job.json")
        if record is None:
            raise NotStarted(f"The folder of job {number} is gone, and with it how it was started.")
        return Order(**record["order"])

    async def follow(self, number: int, offset: int = 0) -> AsyncGenerator[Piece]:
        """See ``JobService``."""
        job = await self.get(number)
        folder, wait = str(self.folder(number)), SHORTEST
        while True:
            # In this order: what is written before the end is read after it.
            over = job.status.final
            begin, data = await asyncio.to_thread(read, folder, offset, PIECE)
            if data:
                yield Piece(begin, data)
                offset, wait = begin + len(data), SHORTEST
            elif over:
                return
            else:
                await asyncio.sleep(wait)
                wait = min(wait * 1.5, LONGEST)
                job = await self._look_at(job)

    def pieces(self, number: int) -> Iterator[bytes]:
        """The output that there is now."""
        offset, folder = 0, str(self.folder(number))
        while True:
            begin, data = read(folder, offset, PIECE)
            if not data:
                return
            yield data
            offset = begin + len(data)

    # Acting

    async def note(self, actor: str, action: str, number: int, detail: str = "") -> None:
        """See ``JobService``."""
        async with self._database.write() as session:
            await jobs.note(session, actor, action, number, detail)

    async def kill(self, number: int, actor: str, *, now: bool = False) -> None:
        """See ``JobService``."""
        job = await self.get(number)
        await self.note(actor, "kill", number, "at once" if now else "")
        if job.status is Status.LOST and await asyncio.to_thread(survivors.end, self.folder(number)):
            return
        job, executor = await self._running(number)
        await executor.cancel(self.folder(number), job.engine_id, {"do": "stop", "now": now})

    async def write(self, number: int, data: bytes, actor: str) -> None:
        """See ``JobService``. What was typed is not kept: it may be a password."""
        _, executor = await self._running(number)
        await self.note(actor, "input", number, f"{len(data)} bytes")
        await executor.ask(self.folder(number), {"do": "input", "data": data.decode("latin-1")})

    async def resize(self, number: int, rows: int, columns: int) -> None:
        """See ``JobService``."""
        _, executor = await self._running(number)
        await executor.ask(self.folder(number), {"do": "size", "rows": rows, "columns": columns})

    async def state(self, number: int) -> State | None:
        """See ``JobService``."""
        with contextlib.suppress(NotTaken):
            _, executor = await self._running(number)
            answer = await executor.ask(self.folder(number), {"do": "state"})
            return State(**{name: answer[name] for name in State.__slots__})
        return None

    async def _running(self, number: int) -> tuple[Job, Executor]:
        """Raises NotTaken when the job has ended."""
        job = await self.get(number)
        if job.status.final:
            raise NotTaken(f"Job {number} has ended: {job.status}.")
        return job, self._executors[job.executor]


def _walltime(order: Order) -> float | None:
    """Seconds after which it is told to end: in an allocation at the latest when that has two margins left."""
    ends = os.environ.get(ENDS)
    if ends is None or order.executor != Local.name:
        return order.walltime
    left = max(1.0, float(ends) - time.time() - 2 * MARGIN)
    return left if order.walltime is None else min(left, order.walltime)


def shown(job: Job) -> str:
    """A job as JSON, in the form that scripts rely on."""
    times = {name: at.isoformat() if at else None for name, at in (("started", job.started), ("ended", job.ended))}
    record = {"id": job.id, "name": job.name, "command": job.command, "status": job.status, "exit_code": job.exit_code}
    return json.dumps(record | times, ensure_ascii=False)
