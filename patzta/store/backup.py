"""A copy of an SQLite file from before an upgrade."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

KEPT = 3
"""Copies beside the file."""


def revision(file: Path) -> str | None:
    """The revision that the file is at; None for a new one. Raises sqlite3.Error for what is no database."""
    with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row[0] if row else None


def copy_aside(file: Path, at: str) -> Path:
    """Copy to ``NAME.from-REVISION`` and keep the newest few; the copy is whole or not there.

    Raises sqlite3.Error, also when the disk is full.
    """
    name = f"{file.name}.from-{at}"
    made = file.with_name(name)
    unfinished = file.with_name(f".{name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with contextlib.closing(sqlite3.connect(file)) as connection:
            connection.execute("VACUUM INTO ?", (str(unfinished),))
        unfinished.chmod(file.stat().st_mode & 0o777)
        unfinished.replace(made)
    finally:
        unfinished.unlink(missing_ok=True)
    copies = sorted(file.parent.glob(f"{file.name}.from-*"), key=lambda copy: copy.stat().st_mtime)
    for old in copies[:-KEPT]:
        old.unlink()
    return made
