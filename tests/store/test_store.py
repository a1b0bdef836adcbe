"""The store on SQLite and on PostgreSQL: no update is lost, and mistakes stay mistakes."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from patzta.permissions import Level
from patzta.store import StoreUnavailable, grants, refusals, synced
from patzta.store.database import Database, shown

WRITERS = 50


async def test_a_grant_is_found_again_after_a_restart(database: Database, url: str) -> None:
    async with database.write() as session:
        await grants.save(session, 7, Level.MOD, by=1)
    await database.close()
    again = Database(url)
    async with again.read() as session:
        assert await grants.find(session, 7) is Level.MOD
        assert await grants.find(session, 8) is None
        assert await grants.everyone(session) == {7: Level.MOD}
    await again.close()


async def increment(database: Database) -> None:
    """Read, let the others go on, write what was read plus one."""
    async with database.write() as session:
        (value,) = (await session.execute(text("SELECT value FROM counter"))).one()
        await asyncio.sleep(0)
        await session.execute(text("UPDATE counter SET value = :new"), {"new": value + 1})


async def test_fifty_writers_make_fifty(database: Database, url: str) -> None:
    """From two pools, as two processes would: the lock in this process is not what saves the updates."""
    other = Database(url)
    async with database.write() as session:
        await session.execute(text("CREATE TABLE counter (value INTEGER)"))
        await session.execute(text("INSERT INTO counter VALUES (0)"))

    async def look() -> int:
        async with database.read() as session:
            return (await session.execute(text("SELECT value FROM counter"))).scalar_one()

    writers = [increment(one) for one in (database, other) for _ in range(WRITERS // 2)]
    looks = [look() for _ in range(WRITERS)]
    seen = (await asyncio.gather(*writers, *looks))[WRITERS:]
    assert await look() == WRITERS
    assert all(0 <= value <= WRITERS for value in seen)
    await other.close()


async def test_an_error_rolls_the_whole_unit_back(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.write() as session:
            await grants.save(session, 7, Level.MOD, by=1)
            await session.flush()
            _ = 1 / 0
    async with database.read() as session:
        assert await grants.find(session, 7) is None


async def test_an_owner_is_never_granted(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            await grants.save(session, 7, Level.OWNER, by=1)


async def test_a_mistake_in_a_statement_is_not_blamed_on_the_database(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.read() as session:
            await session.execute(text("SELECT nonsense FROM nowhere"))


async def test_refusals_are_counted_by_actor_day_and_action(database: Database) -> None:
    for action in ("restart", "restart", "x" * 500):
        async with database.write() as session:
            await refusals.count(session, 7, action)
    async with database.read() as session:
        counted = await refusals.counted(session, 7)
        assert await refusals.counted(session, 8) == {}
    assert {action: count for (_, action), count in counted.items()} == {"restart": 2, "x" * 100: 1}


async def test_a_stranger_is_new_once(database: Database) -> None:
    async def is_new() -> bool:
        async with database.write() as session:
            return await refusals.note_stranger(session, 7)

    assert sorted(await asyncio.gather(is_new(), is_new(), is_new())) == [False, False, True]


async def test_what_discord_was_told_is_kept_by_api_and_application(database: Database) -> None:
    async with database.write() as session:
        await synced.save(session, "api", 1, 0, "a" * 64)
        await synced.save(session, "api", 1, 5, "b" * 64)
        await synced.save(session, "api", 2, 0, "c" * 64)
        await synced.save(session, "other", 1, 0, "d" * 64)
        await synced.save(session, "api", 1, 0, "e" * 64)
    async with database.read() as session:
        assert await synced.hashes(session, "api", 1) == {0: "e" * 64, 5: "b" * 64}


async def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    database = Database("postgresql+asyncpg://me:secret@127.0.0.1:1/name")
    with pytest.raises(StoreUnavailable, match=r"me:\*\*\*@127\.0\.0\.1:1/name") as caught:
        async with database.read() as session:
            await session.execute(text("SELECT 1"))
    assert "secret" not in str(caught.value)
    await database.close()


def test_an_address_is_shown_without_secrets() -> None:
    assert shown("sqlite+aiosqlite:////var/my.db") == "/var/my.db"
    assert shown("postgresql+asyncpg://me:secret@host/name") == "postgresql+asyncpg://me:***@host/name"
