"""Folders and files that are there as a whole or not at all, for nobody's eyes but their owner's."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def whole_folder(out: Path) -> Generator[Path]:
    """Yield an empty folder beside ``out`` to be filled; it replaces ``out`` when the block ends without an exception.

    A process killed inside leaves ``out`` as it was, and a hidden ``.partial`` folder that the next call removes.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    partial, old = (out.with_name(f".{out.name}.{state}") for state in ("partial", "old"))
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    partial.chmod(0o700)
    try:
        yield partial
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    _flush(partial)
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    partial.rename(out)
    shutil.rmtree(old, ignore_errors=True)


def _flush(folder: Path) -> None:
    """Bring the files to the disk before the new name can be: a crash must not leave the name without the content."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


@contextmanager
def private_file(out: Path) -> Generator[IO[bytes]]:
    """A file that replaces ``out`` when the block ends without an exception, readable by its owner alone."""
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    try:
        with open(partial, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            os.fchmod(file.fileno(), 0o600)
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
