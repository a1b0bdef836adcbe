"""``--check``: one line for each thing that a bot needs, before it is started. Changes nothing."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from patzta.errors import PatztaError
from patzta.framework.config import CONFIG, read
from patzta.framework.invite import NO_TOKEN, bot_id
from patzta.framework.sandbox import sandbox_settings
from patzta.inference.persona import Persona, remedy
from patzta.permissions import Level
from patzta.settings import DATA, Program, Settings, SettingsError
from patzta.store import grants
from patzta.store.backup import revision
from patzta.store.database import Database
from patzta.store.migrate import file_of, known_revisions, newest_revision

LEAST_DISK = 2**30
"""Bytes; below, a warning."""
OK, WARN, FAIL = "ok  ", "warn", "FAIL"

Finding = tuple[str, str]


async def check(program: Program, folder: Path = CONFIG, data: Path = DATA, *, sandbox: bool = False) -> int:
    """Print a line for each finding; the exit code: 0, 1 when something failed, 2 when the config is bad."""
    try:
        settings = sandbox_settings(data, program) if sandbox else _settings(folder, program)
    except SettingsError as error:
        _show((FAIL, f"config: {error}"))
        return error.exit_code
    failed = False
    files = iter(()) if sandbox else _private_files(folder, program)
    for finding in (*files, *_model(settings), *_disk(data)):
        failed |= _show(finding)
    async for finding in _database(settings):
        failed |= _show(finding)
    return int(failed)


def _show(finding: Finding) -> bool:
    sys.stdout.write(" ".join(finding) + "\n")
    return finding[0] == FAIL


def _settings(folder: Path, program: Program) -> Settings:
    file = folder / program.config
    if not file.exists():
        raise SettingsError(f"{file} is missing: start bin/{program.name} once, which creates it from its example.")
    return read(program, file)


def _private_files(folder: Path, program: Program) -> Iterator[Finding]:
    config, token = folder / program.config, folder / program.token
    yield OK, f"config: {config}"
    if not token.exists() or not token.read_text(encoding="utf-8").strip():
        yield FAIL, f"token: {token} holds none: copy it from https://discord.com/developers/applications."
    elif bot_id(token.read_text(encoding="utf-8").strip()) is not None:
        yield OK, f"token: {token} has the shape of one"
    else:
        yield FAIL, f"token: {token} {NO_TOKEN}"
    for file in (config, token):
        if file.exists() and file.stat().st_mode & 0o077:
            yield WARN, f"files: others on this computer can read {file}: chmod 600 {file}"


def _model(settings: Settings) -> Iterator[Finding]:
    if "model" not in settings.extensions:
        yield OK, "model: none, as [plugins] says"
        return
    path = settings.model.path
    try:
        persona = Persona.read(path, remedy(path))
        if settings.model.engine == "local":
            persona.check(path, remedy(path))
    except PatztaError as error:
        yield FAIL, f"model: {error}"
    else:
        yield OK, f"model: the double of {persona.name} in {path}"
    if settings.model.engine == "openai":
        yield OK, f"server: {settings.model.url} is asked for {settings.model.served}; whether it answers is not tried"


def _disk(data: Path) -> Iterator[Finding]:
    there = next(folder for folder in (data, *data.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if free < LEAST_DISK:
        yield WARN, f"disk: only {free / 2**20:.0f} MiB are free in {there}: make room"
    else:
        yield OK, f"disk: {free / 2**30:.0f} GiB are free in {there}"


async def _database(settings: Settings) -> AsyncGenerator[Finding]:
    file = file_of(settings.database)
    if file and not file.exists():
        yield OK, f"database: {file} is created at the first start"
        return
    database = Database(settings.database)
    try:
        if file:
            at = _looked_over(file)
        else:
            async with database.read() as session:
                at = (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar()
        state, words = _verdict(at)
        yield state, f"database: {words}"
        if state == OK:
            async with database.read() as session:
                granted = await grants.everyone(session)
            for finding in _differences(settings, granted):
                yield finding
    except (PatztaError, sqlite3.Error) as error:
        yield FAIL, f"database: {error}"
    finally:
        await database.close()


def _looked_over(file: Path) -> str | None:
    """The revision of a sound file. Raises sqlite3.Error."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"{file} is damaged: {verdict}. Restore a copy of it.")
    return revision(file)


def _verdict(at: str | None) -> Finding:
    if at == newest_revision():
        return OK, f"revision {at}"
    if at is None or at in known_revisions():
        return OK, f"revision {at or 'none'}, upgraded at the next start"
    return FAIL, f"revision {at} is from a newer version: update this checkout."


def _differences(settings: Settings, granted: dict[int, Level]) -> Iterator[Finding]:
    """The config's levels count only until the store has a word on the user."""
    for user, level in settings.rules.saved.items():
        if user in granted and level not in {Level.OWNER, granted[user]}:
            yield WARN, f"permissions: {user}: the config says {level.title}, the store {granted[user].title}; it wins"
