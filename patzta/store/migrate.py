"""Bring a database to the newest revision; done at every start."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.engine import make_url

from patzta.store import StoreTooNew, StoreUnavailable
from patzta.store.backup import copy_aside, revision
from patzta.store.database import explained, shown

log = logging.getLogger("patzta.store")

SCRIPTS = Path(__file__).parents[2] / "alembic"


def config(url: str, scripts: Path = SCRIPTS) -> Config:
    """Alembic's configuration for the database at ``url``."""
    made = Config()
    made.set_main_option("script_location", str(scripts).replace("%", "%%"))
    made.attributes["url"] = url
    return made


def newest_revision(scripts: Path = SCRIPTS) -> str | None:
    """The revision that this checkout's tables belong to."""
    return ScriptDirectory.from_config(config("", scripts)).get_current_head()


def file_of(url: str) -> Path | None:
    """The SQLite file; None for a server, or what is kept in memory."""
    parsed = make_url(url)
    named = parsed.drivername.startswith("sqlite") and parsed.database != ":memory:"
    return Path(parsed.database) if named and parsed.database else None


async def upgrade(url: str, scripts: Path = SCRIPTS) -> None:
    """Create or upgrade the database, all or nothing; an SQLite file is copied aside before.

    Raises StoreUnavailable or StoreTooNew.
    """
    try:
        with explained(url):
            if file := file_of(url):
                file.parent.mkdir(parents=True, exist_ok=True)
                await asyncio.to_thread(_keep_copy, file, scripts)
                _private(file)
            # Alembic's environment runs an event loop of its own.
            await asyncio.to_thread(command.upgrade, config(url, scripts), "head")
    except (OSError, sqlite3.Error) as error:
        raise StoreUnavailable(f"{shown(url)}: {error}. Check that the folder can be written and has room.") from error
    except CommandError as error:
        raise StoreTooNew(f"{shown(url)} is from a newer version: update this checkout. ({error})") from error


def _keep_copy(file: Path, scripts: Path) -> None:
    if file.exists() and (at := revision(file)) and at in known_revisions(scripts) and at != newest_revision(scripts):
        log.info("upgrading %s; %s is as it was", file, copy_aside(file, at))


def _private(file: Path) -> None:
    """A new file is for its owner's eyes alone, as are those that SQLite makes beside it."""
    if not file.exists():
        file.touch(mode=0o600)


def known_revisions(scripts: Path = SCRIPTS) -> set[str]:
    """All revisions of this checkout."""
    return {script.revision for script in ScriptDirectory.from_config(config("", scripts)).walk_revisions()}
