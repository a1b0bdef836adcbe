"""``--check``: one line for each thing that a bot needs, before it is started. Changes nothing.

docs/check.md lists the mistakes that it finds.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib.metadata
import importlib.util
import os
import pkgutil
import re
import shutil
import sqlite3
import sys
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

from sqlalchemy import text

from patzta.errors import PatztaError
from patzta.framework.bot import module_name
from patzta.framework.config import CONFIG, read
from patzta.framework.invite import NO_TOKEN, bot_id
from patzta.framework.portal import FAIL, OK, WARN, Finding, ask
from patzta.framework.sandbox import sandbox_settings
from patzta.inference.contract import Serving
from patzta.inference.persona import Persona, remedy
from patzta.permissions import Level
from patzta.settings import DATA, PATZTABOT, ROOT, SHELLBOT, Program, Settings, SettingsError
from patzta.store import grants
from patzta.store.backup import revision
from patzta.store.database import Database
from patzta.store.migrate import file_of, known_revisions, newest_revision

LEAST_DISK = 2**30
"""Bytes; below, a warning."""
NO_TOKENS = {
    r"\d+": "a number, such as an application's ID",
    r"[0-9a-f]{64}": "a public key",
    r"[\w-]{32}": "a client secret",
    r"Bot .*": "the word Bot before the token",
    r"(['\"]).*\1": "quotes around the token",
}
"""What is copied in place of a token, by its pattern."""


async def check(program: Program, folder: Path = CONFIG, data: Path = DATA, *, sandbox: bool = False) -> int:
    """Print a line for each finding; the exit code: 0, 1 when something failed, 2 when the config is bad."""
    try:
        settings = sandbox_settings(data, program) if sandbox else _settings(folder, program)
    except SettingsError as error:
        _show((FAIL, f"config: {error}"))
        return error.exit_code
    failed = False
    token = "" if sandbox else _token(folder, program)
    files = iter(()) if sandbox else _private_files(folder, program, token)
    for finding in (*files, *_rules(settings), *_plugins(settings), *_model(settings), *_disk(data)):
        failed |= _show(finding)
    async for finding in _database(settings):
        failed |= _show(finding)
    for finding in await ask(program, settings, token) if bot_id(token) else ():
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


def _private_files(folder: Path, program: Program, token: str) -> Iterator[Finding]:
    config = folder / program.config
    yield OK, f"config: {config}"
    yield _verdict_on_token(folder, program, token)
    for file in (config, folder / program.token):
        if file.exists() and file.stat().st_mode & 0o077:
            yield WARN, f"files: others on this computer can read {file}: chmod 600 {file}"


def _token(folder: Path, program: Program) -> str:
    file = folder / program.token
    return file.read_text(encoding="utf-8").strip() if file.exists() else ""


def _verdict_on_token(folder: Path, program: Program, token: str) -> Finding:
    file = folder / program.token
    if not token:
        return FAIL, f"token: {file} holds none: copy it from https://discord.com/developers/applications."
    if kind := next((name for pattern, name in NO_TOKENS.items() if re.fullmatch(pattern, token)), None):
        return FAIL, f"token: {file} holds {kind}: what is wanted is under Bot, Reset Token."
    if bot_id(token) is None:
        return FAIL, f"token: {file} {NO_TOKEN}"
    if token in (_token(folder, other) for other in (PATZTABOT, SHELLBOT) if other is not program):
        return FAIL, f"token: {file} holds the other bot's: make a New Application, each bot needs one of its own."
    return OK, f"token: {file} has the shape of one"


def _rules(settings: Settings) -> Iterator[Finding]:
    rules = settings.rules
    if Level.OWNER not in rules.saved.values() and not settings.closed:
        yield WARN, "permissions: nobody is owner: put your own Discord user ID, then 4, under [permissions] saved"
    if rules.default > Level.IGNORED:
        yield WARN, f"permissions: the default is {rules.default.title}: so is whoever shares a server with the bot"


def _plugins(settings: Settings) -> Iterator[Finding]:
    for folder, names in (("extensions", settings.extensions), ("cogs", settings.cogs)):
        ours = [module.name for module in pkgutil.iter_modules([str(ROOT / folder)])]
        for name in names:
            if not _is_there(module_name(folder, name)):
                near = "".join(f"; did you mean {one}?" for one in difflib.get_close_matches(name, ours, 1))
                yield FAIL, f"plugins: there is no {name}, which [plugins] {folder} names{near}"
            elif fault := _fault(module_name(folder, name)):
                yield FAIL, f"plugins: {name} cannot be imported: {fault}"


def _is_there(module: str) -> bool:
    with contextlib.suppress(ModuleNotFoundError):
        return importlib.util.find_spec(module) is not None
    return False


def _fault(module: str) -> str:
    """Why a plugin cannot be imported; empty when it can."""
    try:
        importlib.import_module(module)
    except Exception as error:  # noqa: BLE001  a plugin's top level can raise anything
        return f"{type(error).__name__}: {error}"
    return ""


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
        if settings.model.engine == "local":
            yield from _memory(persona.base_source(path), settings.model.serving)
    yield from _graphics_card(settings)
    if settings.model.engine == "openai":
        yield OK, f"server: {settings.model.url} is asked for {settings.model.served}; whether it answers is not tried"


def _memory(base: str, serving: Serving) -> Iterator[Finding]:
    """Of a base that is here: one that has to be fetched first is looked at when it is loaded."""
    if not Path(base).is_dir():
        return
    # Loads torch, which takes seconds and which shellbot's installation lacks.
    from patzta.inference.admission import admit

    try:
        admit(Path(base), serving)
    except PatztaError as error:
        yield FAIL, f"model: {error}"


def _graphics_card(settings: Settings) -> Iterator[Finding]:
    """Asked of the package's version, since importing it takes seconds."""
    if settings.model.engine == "local" and shutil.which("nvidia-smi"):
        version = importlib.metadata.version("torch")
        if version.endswith("+cpu"):
            yield WARN, f"model: torch {version} does not use the graphics card: rm -r {ROOT / '.venv'}, start again"


def _disk(data: Path) -> Iterator[Finding]:
    there = next(folder for folder in (data, *data.parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        yield FAIL, f"disk: {data} cannot be written to: change its owner, or name another place in PATZTA_DATA"
        return
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
    with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
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
