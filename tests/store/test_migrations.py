"""Migrations go up and down, carry rows along, and leave a copy; on SQLite and on PostgreSQL."""

import asyncio
import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, inspect, text

from patzta.permissions import Level
from patzta.settings import ROOT
from patzta.store import StoreTooNew, StoreUnavailable, grants
from patzta.store.backup import copy_aside, revision
from patzta.store.database import Database, make_engine
from patzta.store.migrate import SCRIPTS, config, file_of, newest_revision, upgrade
from patzta.store.tables import Table

REVISIONS = [script.revision for script in ScriptDirectory.from_config(config("")).walk_revisions()][::-1]


async def contents(url: str) -> dict[str, list[tuple]]:
    """All rows of all tables but alembic's."""
    engine = make_engine(url)
    async with engine.connect() as connection:
        found = MetaData()
        await connection.run_sync(found.reflect)
        rows = {
            name: [tuple(row) for row in (await connection.execute(table.select())).all()]
            for name, table in found.tables.items()
            if name != "alembic_version"
        }
    await engine.dispose()
    return rows


async def populate(url: str) -> None:
    """Two rows in every table that exists at the database's revision."""
    engine = make_engine(url)
    async with engine.begin() as connection:
        existing = set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
        for table in Table.metadata.sorted_tables:
            if table.name in existing:
                for number in (1, 2):
                    await connection.execute(table.insert().values({c.name: sample(c, number) for c in table.columns}))
    await engine.dispose()


def sample(column, number: int) -> object:
    time = datetime(2026, 1, number, tzinfo=UTC)
    # UTCTime tells no Python type.
    values = {int: number, str: f"text {number}", object: time, date: time.date(), bool: True, float: 0.5}
    return values[column.type.python_type]


def test_there_is_one_head() -> None:
    assert newest_revision() == REVISIONS[-1]
    assert len(ScriptDirectory.from_config(config("")).get_heads()) == 1


def test_the_newest_revision_matches_the_tables(url: str) -> None:
    command.upgrade(config(url), "head")
    command.check(config(url))


@pytest.mark.parametrize("at", REVISIONS)
def test_each_revision_goes_up_down_and_up(url: str, at: str) -> None:
    for target in (at, "-1", at):
        (command.downgrade if target == "-1" else command.upgrade)(config(url), target)


async def test_rows_of_every_revision_reach_the_newest(url: str) -> None:
    for at in REVISIONS:
        await asyncio.to_thread(command.upgrade, config(url), at)
        if at == REVISIONS[0]:
            await populate(url)
            first = await contents(url)
    last = await contents(url)
    assert all(first.values())
    assert {name: last[name] for name in first} == first
    await asyncio.to_thread(command.downgrade, config(url), REVISIONS[0])
    assert await contents(url) == first


async def test_a_full_database_survives_a_second_upgrade(url: str) -> None:
    await upgrade(url)
    await populate(url)
    before = await contents(url)
    assert set(before) == set(Table.metadata.tables)
    await upgrade(url)
    assert await contents(url) == before


BATCH = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{name}", "{before}", None, None

def upgrade():
    {body}

def downgrade():
    raise NotImplementedError
"""
FAMILY = """op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(9)))
    op.create_table("child", sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id", ondelete="CASCADE")))
    op.execute("INSERT INTO parent VALUES (1, 'Eva')")
    op.execute("INSERT INTO child VALUES (1, 1)")"""
REBUILD = """with op.batch_alter_table("parent", recreate="auto") as batch:
        batch.alter_column("name", type_=sa.String(20))"""
BROKEN = """op.create_table("half", sa.Column("id", sa.Integer, primary_key=True))
    raise RuntimeError("in the middle")"""


@pytest.fixture
def scripts(tmp_path) -> Path:
    """A copy of the migrations that a test may add to."""
    return shutil.copytree(SCRIPTS, tmp_path / "alembic", ignore=shutil.ignore_patterns("__pycache__"))


def add(scripts: Path, name: str, before: str, body: str) -> None:
    (scripts / "versions" / f"{name}.py").write_text(BATCH.format(name=name, before=before, body=body))


async def test_rebuilding_a_parent_keeps_its_children(url: str, scripts: Path) -> None:
    add(scripts, "a", REVISIONS[-1], FAMILY)
    add(scripts, "b", "a", REBUILD)
    await upgrade(url, scripts)
    assert (await contents(url))["child"] == [(1, 1)]


async def test_with_foreign_keys_on_the_children_would_be_gone(tmp_path: Path, scripts: Path) -> None:
    """What the test above guards against is real."""
    environment = scripts / "env.py"
    environment.write_text(environment.read_text().replace("foreign_keys=False", "foreign_keys=True"))
    add(scripts, "a", REVISIONS[-1], FAMILY)
    add(scripts, "b", "a", REBUILD)
    url = f"sqlite+aiosqlite:///{tmp_path}/patzta.db"
    await upgrade(url, scripts)
    assert (await contents(url))["child"] == []


async def test_a_migration_that_fails_leaves_everything_as_it_was(url: str, scripts: Path) -> None:
    await upgrade(url)
    await populate(url)
    before = await contents(url)
    add(scripts, "a", REVISIONS[-1], FAMILY)
    add(scripts, "b", "a", BROKEN)
    with pytest.raises(RuntimeError, match="in the middle"):
        await upgrade(url, scripts)
    assert await contents(url) == before
    await upgrade(url)


async def test_a_database_from_a_newer_version_is_refused(url: str) -> None:
    await upgrade(url)
    database = Database(url)
    async with database.write() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    with pytest.raises(StoreTooNew, match="newer version: update this checkout"):
        await upgrade(url)


async def test_what_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "patzta.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreUnavailable, match=r"patzta\.db.*not a database"):
        await upgrade(f"sqlite+aiosqlite:///{tmp_path}/patzta.db")


def open_to_others(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o077 for file in folder.iterdir()}


async def test_nobody_else_can_read_a_new_file(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/new.db"
    await upgrade(url)
    database = Database(url)
    async with database.write() as session:
        await grants.save(session, 1, Level.MOD, by=2)
        assert open_to_others(tmp_path) == {"new.db": 0, "new.db-shm": 0, "new.db-wal": 0}
    await database.close()


def copies(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("patzta.db.from-*"))


class TestCopies:
    """An SQLite file is copied aside before an upgrade."""

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite+aiosqlite:///{tmp_path}/patzta.db"

    async def test_the_copy_is_the_database_before(self, url: str) -> None:
        await asyncio.to_thread(command.upgrade, config(url), REVISIONS[0])
        await populate(url)
        before = await contents(url)
        await upgrade(url)
        copy = file_of(url).with_name(f"patzta.db.from-{REVISIONS[0]}")
        assert revision(copy) == REVISIONS[0]
        assert await contents(f"sqlite+aiosqlite:///{copy}") == before

    async def test_there_is_none_when_there_is_nothing_to_upgrade(self, url: str) -> None:
        await upgrade(url)
        await upgrade(url)
        assert copies(file_of(url).parent) == []

    async def test_the_newest_three_are_kept(self, url: str, tmp_path: Path) -> None:
        with closing(sqlite3.connect(file_of(url))) as connection:
            connection.execute("CREATE TABLE x (y)")
        for number in range(5):
            copy_aside(file_of(url), f"r{number}")
        assert copies(tmp_path) == [f"patzta.db.from-r{number}" for number in (2, 3, 4)]


async def test_several_shards_may_start_on_an_empty_database(postgres) -> None:
    url = postgres.new_database()
    code = "import asyncio, sys; from patzta.store.migrate import upgrade; asyncio.run(upgrade(sys.argv[1]))"
    starting = [await asyncio.create_subprocess_exec(sys.executable, "-c", code, url, cwd=ROOT) for _ in range(3)]
    assert await asyncio.gather(*(one.wait() for one in starting)) == [0, 0, 0]
    database = Database(url)
    async with database.read() as session:
        assert (await session.execute(text("SELECT version_num FROM alembic_version"))).scalars().all() == [
            newest_revision()
        ]
    await database.close()
