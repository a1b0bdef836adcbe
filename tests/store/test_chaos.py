"""What goes wrong on real machines: being killed, a full disk, files that are locked, read-only or damaged."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from patzta.permissions import Level
from patzta.settings import ROOT
from patzta.store import StoreUnavailable, grants
from patzta.store.database import Database
from patzta.store.migrate import upgrade

KILLS = 10

WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from patzta.permissions import Level
from patzta.store.database import Database
from patzta.store.grants import Change, apply

async def main(url, first):
    database = Database(url)
    for user in range(first, first + 10**6):
        async with database.write() as session:
            await apply(session, Change(datetime.now(UTC), 1, Level.OWNER, user, None, Level.MOD, "test"))
        print(user, flush=True)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/patzta.db"


async def everyone(url: str) -> dict[int, Level]:
    database = Database(url)
    async with database.read() as session:
        found = await grants.everyone(session)
    await database.close()
    return found


async def test_what_was_committed_survives_kill_9(url: str, tmp_path: Path) -> None:
    await upgrade(url)
    for turn in range(KILLS):
        first = turn * 10**6
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, url, str(first)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        committed = [int(writer.stdout.readline()) for _ in range(5 + turn)]
        os.kill(writer.pid, signal.SIGKILL)
        committed += [int(line) for line in writer.stdout.read().split()]
        writer.wait()
        with closing(sqlite3.connect(tmp_path / "patzta.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            (events,) = connection.execute("SELECT count(*) FROM permission_event").fetchone()
        found = await everyone(url)
        assert set(committed) <= set(found), "every commit that was reported is there"
        assert events == len(found), "never a grant without its line in the log"
    await upgrade(url)


async def grant(database: Database, user: int) -> None:
    async with database.write() as session:
        await grants.save(session, user, Level.MOD, by=1)


async def test_a_full_disk_is_said_and_nothing_is_lost(small_disk: Path) -> None:
    url = f"sqlite+aiosqlite:///{small_disk}/patzta.db"
    await upgrade(url)
    database = Database(url)
    await grant(database, 7)
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space"), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    with pytest.raises(StoreUnavailable, match=rf"{small_disk}/patzta\.db.*full.*its disk has room"):
        for user in range(10**4):
            await grant(database, 100 + user)
    async with database.read() as session:
        assert await grants.find(session, 7) is Level.MOD
    ballast.unlink()
    await grant(database, 8)
    await database.close()
    assert {7, 8} <= set(await everyone(url))


async def test_a_file_that_another_process_holds_is_said(url: str, tmp_path: Path) -> None:
    await upgrade(url)
    database = Database(url, patience=0.1)
    await grant(database, 7)
    with closing(sqlite3.connect(tmp_path / "patzta.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match=r"patzta\.db: .*locked.*not in use elsewhere"):
            await grant(database, 8)
        async with database.read() as session:
            assert await grants.find(session, 7) is Level.MOD, "readers go on"
        other.execute("ROLLBACK")
    await grant(database, 8)
    await database.close()


async def test_a_file_that_may_only_be_read_is_said(small_disk: Path) -> None:
    url = f"sqlite+aiosqlite:///{small_disk}/patzta.db"
    await upgrade(url)
    await asyncio.to_thread(subprocess.run, ["mount", "-o", "remount,ro", small_disk], check=True)
    database = Database(url)
    with pytest.raises(StoreUnavailable, match=r"patzta\.db: .*(readonly|read-only|unable to open)"):
        await grant(database, 7)
    await database.close()


async def test_a_damaged_file_is_said(url: str, tmp_path: Path) -> None:
    await upgrade(url)
    await asyncio.to_thread(_damage, tmp_path / "patzta.db")
    database = Database(url)
    with pytest.raises(StoreUnavailable, match=r"patzta\.db: .*(malformed|not a database)"):
        async with database.read() as session:
            await session.execute(text('SELECT * FROM "grant"'))
            await session.execute(text("SELECT * FROM permission_event"))
    await database.close()


def _damage(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
