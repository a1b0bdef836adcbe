"""What a worker is: its language, its code, its settings. Bot and worker must agree on all of it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from patzta.inference import wire

PACKAGE = Path(__file__).parents[1]
CODE = ("commandline.py", "errors.py", "chat/*.py", "inference/*.py", "training/*.py")
"""What the worker's process imports of this project; more than it needs does no harm."""


def identity(settings: dict[str, Any]) -> dict[str, str]:
    """One text for each thing that must agree; the code is read from disk."""
    return {
        "language": str(wire.VERSION),
        "code": _digest([file for pattern in CODE for file in sorted(PACKAGE.glob(pattern))]),
        **{name: str(value) for name, value in settings.items() if name != "model"},
    }


def differing(ours: dict[str, str], its: dict[str, str]) -> list[str]:
    """The names of what does not agree."""
    return [name for name, value in ours.items() if its.get(name) != value]


def _digest(files: list[Path]) -> str:
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file.relative_to(PACKAGE)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()[:16]


def stamp(model: Path) -> str:
    """Names, sizes and times: weights are too large to read at each start."""
    found = [(path.name, path.stat()) for path in sorted(model.glob("*")) if path.is_file()]
    text = "\n".join(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in found)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
