"""What changed on disk since the start that no reload of the cogs takes up."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from patzta.settings import DATA, ROOT

OUTSIDE = ("patzta/**/*.py", "extensions/**/*.py", "alembic/**/*.py", "config/*.ini", "constraints.txt")


def fingerprint(root: Path = ROOT, data: Path = DATA) -> dict[str, str]:
    """A hash for each file outside of the cogs that the process works by, settings included."""
    files = [*(file for pattern in OUTSIDE for file in root.glob(pattern)), *data.glob("sandbox/*.ini")]
    return {_short(file, root): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def changed(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """The files that were edited, added or removed, sorted."""
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def _short(file: Path, root: Path) -> str:
    return str(file.relative_to(root)) if file.is_relative_to(root) else str(file)


def listed(names: Iterable[str], most: int = 3) -> str:
    """The first few names, and how many more there are."""
    names = list(names)
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
