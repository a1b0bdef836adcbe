"""A job service over a real database, real supervisors and real terminals."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from patzta.jobs import NotTaken
from patzta.jobs.contract import Job, Order, Status
from patzta.jobs.service import Jobs
from patzta.jobs.settings import JobSettings
from patzta.jobs.supervisor import records
from patzta.store.database import Database
from patzta.store.migrate import upgrade

ACTOR = "test"


class Machine:
    """Jobs in ``folder``; ``opened`` makes another service, as another process would have it."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.root = folder
        self.database = database
        self.jobs = self.opened()

    def opened(self, limit: int = 0, environment: tuple[str, ...] = ()) -> Jobs:
        settings = JobSettings(self.root / "jobs", self.root, limit, 0.5, environment)
        return Jobs(self.database, settings)

    async def run(self, command: str, **options) -> Job:
        return await self.jobs.run(Order(command, **{"shell": True} | options), ACTOR)

    async def ended(self, job: Job, within: float = 30) -> Job:
        """The job once it has ended."""
        async with asyncio.timeout(within):
            while not (found := await self.jobs.get(job.id)).status.final:
                await asyncio.sleep(0.02)
        return found

    async def output(self, job: Job) -> bytes:
        return b"".join([piece.data async for piece in self.jobs.follow(job.id)])

    async def until_said(self, job: Job, text: bytes, within: float = 30) -> None:
        async with asyncio.timeout(within):
            while text not in b"".join(self.jobs.pieces(job.id)):
                await asyncio.sleep(0.02)

    def supervisor(self, job: Job) -> psutil.Process:
        return psutil.Process(records.read(str(self.jobs.folder(job.id)), "run.json")["pid"])


async def until(condition: Callable[[], object], within: float = 30) -> None:
    """Wait for something that no event tells of."""
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.02)


@pytest_asyncio.fixture
async def machine(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path}/jobs.db"
    await upgrade(url)
    database = Database(url)
    machine = Machine(tmp_path, database)
    yield machine
    for job in await machine.jobs.page(None, 1000):
        if not job.status.final and job.status is not Status.UNKNOWN:
            with contextlib.suppress(NotTaken):
                await machine.jobs.kill(job.id, ACTOR, now=True)
            await machine.ended(job)
    await database.close()
    end_marked(tmp_path)


def end_marked(folder: Path) -> None:
    """End what a test left behind, by the mark that each process of a job carries."""
    for process in marked(folder):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def marked(folder: Path) -> list[psutil.Process]:
    """The living processes of jobs below ``folder``."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            mark = process.environ().get("PATZTA_JOB", "")
            if mark.startswith(f"{folder}/") and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


@pytest.fixture
def seconds():
    """Seconds since the test began."""
    begin = time.monotonic()
    return lambda: time.monotonic() - begin


@pytest.fixture(autouse=True)
def no_secrets(monkeypatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "very secret")
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    assert "BOT_TOKEN" in os.environ
