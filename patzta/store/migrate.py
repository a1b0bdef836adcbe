"""Bring a database to the newest revision; done at every start."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from patzta.store import StoreTooNew, StoreUnavailable

SCRIPTS = Path(__file__).parents[2] / "alembic"


def config(url: str) -> Config:
    """Alembic's configuration for the database at ``url``."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    made.attributes["url"] = url
    return made


def newest_revision() -> str | None:
    """The revision that this checkout's tables belong to."""
    return ScriptDirectory.from_config(config("")).get_current_head()


async def upgrade(url: str) -> None:
    """Create or upgrade the database. Raises StoreUnavailable or StoreTooNew."""
    database = make_url(url).database
    try:
        if database and url.startswith("sqlite"):
            Path(database).parent.mkdir(parents=True, exist_ok=True)
        # Alembic's environment runs an event loop of its own.
        await asyncio.to_thread(command.upgrade, config(url), "head")
    except (DBAPIError, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise StoreUnavailable(f"{database}: {cause}. Check that the folder exists and can be written.") from error
    except CommandError as error:
        raise StoreTooNew(f"{database} is from a newer version: update this checkout. ({error})") from error
