"""The database of one bot: opened once, used in short units of work."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Generator
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from patzta.store import StoreUnavailable

log = logging.getLogger("patzta.store")

PATIENCE = 10.0
"""Seconds that a unit waits for another process that writes."""
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('patzta writes'))")
"""One writer at a time on PostgreSQL, as on SQLite: a unit's body cannot be run again, which SERIALIZABLE asks for."""

SQLITE_TROUBLE = {5: "busy", 6: "locked", 7: "memory", 8: "read-only", 10: "disk", 11: "corrupt", 13: "full"} | {
    14: "cannot open",
    26: "no database",
}
"""SQLite's result codes that are about the file and its disk: https://sqlite.org/rescode.html"""
POSTGRESQL_TROUBLE = ("08", "53", "57", "58", "28", "3D")
"""Classes of SQLSTATE about connection, resources, the operator, the system, logging in, and which database."""


def make_engine(url: str, *, foreign_keys: bool = True, patience: float = PATIENCE) -> AsyncEngine:
    """An engine whose SQLite transactions are real ones.

    The driver's own transaction control sends no BEGIN before a SELECT, which loses updates silently; so it is
    switched off and BEGIN is sent here, IMMEDIATE for writers (a reader cannot be upgraded once another has written).
    Foreign keys are off only for migrations, where rebuilding a table would delete the rows that point to it.
    """
    engine = create_async_engine(url)
    if engine.dialect.name != "sqlite":
        return engine
    keys = "ON" if foreign_keys else "OFF"

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={round(patience * 1000)}")
        cursor.execute("PRAGMA journal_mode=WAL")
        mode = cursor.fetchone()
        if mode and mode[0] not in {"wal", "memory"}:
            log.warning("%s is not in WAL mode but %s: readers and writers wait for each other", url, mode[0])
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute(f"PRAGMA foreign_keys={keys}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    _ = connect, begin  # the engine calls them
    return engine


class Database:
    """Units of work: ``async with database.write() as session`` commits at its end, or rolls back on an error.

    A unit is short and is never held across a call to Discord or a generation. Both kinds raise StoreUnavailable when
    the database itself fails. ``patience`` is in seconds.
    """

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        self.url = url
        self._engine = make_engine(url, patience=patience)
        self._locks = self._engine.dialect.name == "postgresql"
        writer = self._engine.execution_options(sqlite_begin="IMMEDIATE")
        self._read = async_sessionmaker(self._engine, expire_on_commit=False)
        self._write = async_sessionmaker(writer, expire_on_commit=False)
        # Waiting here is fair and holds no connection; the database's own lock is for other processes.
        self._turn = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncSession]:
        """A unit that only reads."""
        with explained(self.url):
            async with self._read() as session:
                yield session

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncSession]:
        """A unit that may write; writers wait for each other."""
        with explained(self.url):
            async with self._turn, self._write.begin() as session:
                if self._locks:
                    await session.execute(LOCK)
                yield session

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


@contextlib.contextmanager
def explained(url: str) -> Generator[None]:
    """Turn failures of the database itself into StoreUnavailable; mistakes in its use stay what they are."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if not is_trouble(cause):
            raise
        raise StoreUnavailable(
            f"{shown(url)}: {cause}. Check that it exists, can be written, is not in use elsewhere, and that its disk"
            " has room."
        ) from error


def shown(url: str) -> str:
    """The address as people may see it: a file's path, else without the password."""
    parsed = make_url(url)
    file = parsed.database if parsed.drivername.startswith("sqlite") else None
    return file or parsed.render_as_string(hide_password=True)


def is_trouble(error: BaseException | None) -> bool:
    """Whether a driver's error is about the database as a whole rather than a statement."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in SQLITE_TROUBLE
    state: str | None = getattr(error, "sqlstate", None)
    return str(state).startswith(POSTGRESQL_TROUBLE) if state else isinstance(error, ConnectionError | TimeoutError)
