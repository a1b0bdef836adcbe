"""The store on a real SQLite file: no update is lost, migrations go up, down and carry rows along."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy.exc import IntegrityError

from patzta.permissions import Level
from patzta.store import StoreTooNew, StoreUnavailable, grants
from patzta.store.database import Database
from patzta.store.migrate import config, newest_revision, upgrade


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/patzta.db"


async def test_a_grant_is_found_again_after_a_restart(url: str) -> None:
    await upgrade(url)
    database = Database(url)
    async with database.write() as session:
        await grants.save(session, 7, Level.MOD, by=1)
    await database.close()
    again = Database(url)
    async with again.read() as session:
        assert await grants.find(session, 7) is Level.MOD
        assert await grants.find(session, 8) is None
    await again.close()


async def test_no_update_is_lost_between_fifty_writers(url: str) -> None:
    await upgrade(url)
    database = Database(url)

    async def add_one() -> None:
        async with database.write() as session:
            row = await session.connection()
            (count,) = (await row.exec_driver_sql('SELECT count(*) FROM "grant"')).one()
            await grants.save(session, count, Level.VISIBLE, by=1)

    await asyncio.gather(*(add_one() for _ in range(50)))
    async with database.read() as session:
        assert await grants.find(session, 49) is Level.VISIBLE
    await database.close()


async def test_an_owner_is_never_granted(url: str) -> None:
    await upgrade(url)
    database = Database(url)
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            await grants.save(session, 7, Level.OWNER, by=1)
    await database.close()


def test_revisions_have_one_head_and_match_the_tables(url: str) -> None:
    assert len(ScriptDirectory.from_config(config(url)).get_heads()) == 1
    command.upgrade(config(url), "head")
    command.check(config(url))


@pytest.mark.parametrize(
    "revision", [script.revision for script in ScriptDirectory.from_config(config("")).walk_revisions()]
)
def test_each_revision_goes_up_down_and_up(url: str, revision: str) -> None:
    for target in (revision, "-1", revision):
        (command.downgrade if target == "-1" else command.upgrade)(config(url), target)


async def test_upgrading_twice_keeps_the_rows(url: str) -> None:
    await upgrade(url)
    database = Database(url)
    async with database.write() as session:
        await grants.save(session, 7, Level.MOD, by=1)
    await database.close()
    await upgrade(url)
    with sqlite3.connect(url.partition("///")[2]) as connection:
        assert connection.execute('SELECT user_id, level FROM "grant"').fetchall() == [(7, 2)]
    connection.close()


async def test_a_database_from_a_newer_version_is_refused(url: str) -> None:
    await upgrade(url)
    with sqlite3.connect(url.partition("///")[2]) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreTooNew, match="newer version"):
        await upgrade(url)


async def test_what_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "patzta.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreUnavailable, match=r"patzta\.db"):
        await upgrade(f"sqlite+aiosqlite:///{tmp_path}/patzta.db")


def test_the_newest_revision_has_a_name() -> None:
    assert newest_revision()
