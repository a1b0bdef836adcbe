"""Units of work a second on SQLite and PostgreSQL, side by side.

``.venv/bin/python benchmarks/store.py [--seconds N]``

PostgreSQL runs in a temporary folder with its default durability. Prints one JSON object on its last line.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from patzta.permissions import Level
from patzta.store import grants
from patzta.store.database import Database
from patzta.store.grants import Change
from patzta.store.migrate import upgrade
from tests import postgres

TASKS = 16


async def rate(work: Callable[[], Awaitable[object]], tasks: int, seconds: float) -> int:
    """How often ``tasks`` at once get the work done, a second."""
    done, end = itertools.count(), time.perf_counter() + seconds

    async def repeat() -> None:
        while time.perf_counter() < end:
            await work()
            next(done)

    await asyncio.gather(*(repeat() for _ in range(tasks)))
    return round(next(done) / seconds)


async def figures(url: str, seconds: float) -> dict[str, int]:
    """A change of a level with its line in the log, and looking a level up."""
    await upgrade(url)
    database, users = Database(url), itertools.count(10)

    async def write() -> None:
        change = Change(datetime.now(UTC), 1, Level.OWNER, next(users), None, Level.MOD, "benchmark")
        async with database.write() as session:
            await grants.apply(session, change)

    async def read() -> None:
        async with database.read() as session:
            await grants.find(session, 10)

    found = {
        "writes_1": await rate(write, 1, seconds),
        f"writes_{TASKS}": await rate(write, TASKS, seconds),
        "reads_1": await rate(read, 1, seconds),
        f"reads_{TASKS}": await rate(read, TASKS, seconds),
    }
    await database.close()
    return found


async def main(seconds: float) -> None:
    """Measure both and print."""
    with tempfile.TemporaryDirectory() as folder:
        sqlite = await figures(f"sqlite+aiosqlite:///{folder}/x.db", seconds)
    programs = postgres.find_programs()
    if programs is None:
        sys.exit("PostgreSQL is not installed")
    with postgres.running(programs) as server:
        postgresql = await figures(server.new_database(), seconds)
    ratio = {name: round(sqlite[name] / postgresql[name], 2) for name in sqlite}
    sys.stdout.write(json.dumps({"sqlite": sqlite, "postgresql": postgresql, "ratio": ratio}) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5)
    asyncio.run(main(parser.parse_args().seconds))
