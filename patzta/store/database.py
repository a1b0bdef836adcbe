"""The database of one bot: opened once, used in short units of work."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000")


def make_engine(url: str, *, foreign_keys: bool = True) -> AsyncEngine:
    """An engine whose SQLite transactions are real ones.

    The driver's own transaction control sends no BEGIN before a SELECT, which loses updates silently; so it is
    switched off and BEGIN is sent here, IMMEDIATE for writers (a reader cannot be upgraded once another has written).
    Foreign keys are off only for migrations, where rebuilding a table would delete the rows that point to it.
    """
    engine = create_async_engine(url)
    if engine.dialect.name != "sqlite":
        return engine

    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (*PRAGMAS, f"foreign_keys={'ON' if foreign_keys else 'OFF'}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    _ = connect, begin  # the engine calls them
    return engine


class Database:
    """Units of work: ``async with database.write() as session`` commits at its end, or rolls back on an error.

    A unit is short and is never held across a call to Discord or a generation.
    """

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)
        writer = self._engine.execution_options(sqlite_begin="IMMEDIATE")
        self._read = async_sessionmaker(self._engine, expire_on_commit=False)
        self._write = async_sessionmaker(writer, expire_on_commit=False)

    def read(self) -> AsyncSession:
        """A unit that only reads."""
        return self._read()

    def write(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A unit that may write; writers wait for each other."""
        return self._write.begin()

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()
