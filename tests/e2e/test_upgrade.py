"""A bot whose config and database are those of an earlier version starts, and knows what it knew."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command

from patzta.permissions import Level
from patzta.sandbox.world import FRIEND, OWNER
from patzta.settings import ROOT, read_settings, read_shell_settings
from patzta.store.backup import revision
from patzta.store.migrate import config, file_of, newest_revision
from tests.cogs.test_commands import run
from tests.running import connected
from tests.sandbox.server import SandboxProcess

PATZTABOT_0_1 = f"""
# All keys that the first version had.
[permissions]
default = 0
saved =
    {OWNER} 4
[plugins]
extensions = database
cogs = lifecycle permissions
[bot]
name = patztabot22
[database]
url = sqlite+aiosqlite:///FOLDER/patztabot.db
[model]
path = data/models/me
threads = 2
temperature = 0.8
top_p = 0.9
max_new_tokens = 200
"""
SHELLBOT_0_1 = f"""
[permissions]
admins:
    {OWNER}
[database]
url = sqlite+aiosqlite:///FOLDER/shellbot.db
[jobs]
limit = 3
"""


def with_grant(url: str, at: str) -> Path:
    """A database at revision ``at`` in which a friend is mod."""
    command.upgrade(config(url), at)
    file = file_of(url)
    with closing(sqlite3.connect(file)) as connection, connection:
        row = (int(FRIEND), int(Level.MOD), "2026-01-01 00:00:00", int(OWNER))
        connection.execute('INSERT INTO "grant" (user_id, level, changed_at, changed_by) VALUES (?, ?, ?, ?)', row)
    return file


async def test_the_double_after_an_upgrade(tmp_path) -> None:
    said = PATZTABOT_0_1.replace("FOLDER", str(tmp_path))
    (tmp_path / "bot.ini").write_text(said)
    settings = read_settings(tmp_path / "bot.ini")
    assert (settings.model.path, settings.model.threads) == (ROOT / "data" / "models" / "me", 2)
    database = await asyncio.to_thread(with_grant, settings.database, "0001")
    async with SandboxProcess("--bot", "patztabot22:OTg3.any.thing") as sandbox, connected(sandbox, settings) as talk:
        answer = await run(talk, "vilem", "permissions get", user="bara")
    assert answer["content"] == f"<@{FRIEND}> is **mod** (granted)."
    assert revision(database) == newest_revision()
    assert revision(database.with_name("patztabot.db.from-0001")) == "0001", "the copy from before"


async def test_the_shell_after_an_upgrade(tmp_path) -> None:
    (tmp_path / "bot.ini").write_text(SHELLBOT_0_1.replace("FOLDER", str(tmp_path)))
    settings = read_shell_settings(tmp_path / "bot.ini", tmp_path)
    assert settings.jobs.limit == 3
    database = await asyncio.to_thread(with_grant, settings.database, "0005")
    async with SandboxProcess("--bot", "shellbot:OTg3.any.thing") as sandbox, connected(sandbox, settings) as talk:
        answer = await run(talk, "vilem", "job list")
    assert answer["content"].startswith("There are no jobs yet")
    assert revision(database) == newest_revision()
