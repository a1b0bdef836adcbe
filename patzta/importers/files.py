"""The files of exports, whether they lie in folders or in zip archives. Nothing is ever unpacked to the disk.

Exports come from elsewhere, so their names and sizes are not trusted: what points outside the export, links, archives
that inflate beyond measure and files that are none are reported and left alone.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from patzta.importers.errors import NotAnExport
from patzta.importers.run import Run

SUFFIXES = frozenset({".json", ".jsonl", ".txt", ".csv", ".html", ".htm"})
WHOLE = 512 * 2**20
"""Bytes; larger files are only read as streams."""
HEAD = 8192
BOMB_RATIO, BOMB_SIZE = 500, 16 * 2**20
"""Chats are packed to a tenth or a hundredth; DEFLATE cannot go below a thousandth."""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file of an export.

    Attributes:
        path: inside the export, with slashes.
        origin: the folder, archive or file that the user named.
        size: in bytes.
    """

    path: str
    origin: str
    size: int
    opener: Callable[[], IO[bytes]]

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    def open(self) -> IO[bytes]:
        """To be read as a stream. Raises OSError or zipfile.BadZipFile."""
        return self.opener()

    def read(self) -> bytes:
        """All of it. Raises OSError, zipfile.BadZipFile, or ValueError if it is too large for that."""
        if self.size > WHOLE:
            raise ValueError(f"too large to be read whole ({self.size / 2**20:.0f} MB)")
        with self.open() as stream:
            return stream.read()

    def head(self) -> bytes:
        """The first bytes; none if it cannot be read, which reading it will tell."""
        try:
            with self.open() as stream:
                return stream.read(HEAD)
        except FAILURES:
            return b""


FAILURES = (OSError, ValueError, RecursionError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError)
"""What reading and parsing a hostile file raises: ValueError covers bad JSON and UTF-8, RuntimeError encrypted zips."""


def find_files(inputs: Sequence[Path], run: Run) -> list[ExportFile]:
    """The files below ``inputs`` (folders, zip archives, files) that could hold chats, in a fixed order.

    Raises NotAnExport if an input does not exist.
    """
    found: list[ExportFile] = []
    for path in inputs:
        if not path.exists():
            run.skip(path.name, "does not exist")
            raise NotAnExport(f"{path} does not exist: name the folder, zip or file that you downloaded")
        if path.is_dir():
            found.extend(_in_folder(path, run))
        else:
            found.extend(_in_file(path, path.name, str(path), run))
    return sorted(found, key=lambda file: (file.origin, natural(file.path)))


def natural(text: str) -> list[tuple[bool, int, str]]:
    """A key by which ``message_10`` comes after ``message_9``."""
    parts = [part for part in re.split(r"([0-9]+)", text) if part]
    return [(part.isascii() and part.isdigit(), int(part) if part.isascii() and part.isdigit() else 0, part)
            for part in parts]  # fmt: skip


def _in_folder(folder: Path, run: Run) -> Iterator[ExportFile]:
    def unreadable(error: OSError) -> None:
        run.skip(_shown(os.path.relpath(error.filename or folder, folder)), error)

    for root, folders, names in os.walk(folder, onerror=unreadable):
        folders.sort()
        for name in sorted([*folders, *names]):
            path = Path(root, name)
            inner = _shown(path.relative_to(folder).as_posix())
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                run.skip(inner, "a link, which is not followed")
            elif stat.S_ISREG(mode):
                yield from _in_file(path, inner, str(folder), run)
            elif not stat.S_ISDIR(mode):
                run.skip(inner, "not a regular file")


def _in_file(path: Path, inner: str, origin: str, run: Run) -> Iterator[ExportFile]:
    if path.suffix.lower() == ".zip":
        yield from _in_zip(path, inner, run)
    elif path.suffix.lower() in SUFFIXES:
        yield ExportFile(inner, origin, path.stat().st_size, lambda: path.open("rb"))
    elif inner == path.name and origin == str(path):
        run.skip(inner, f"not a kind of file that chats come in ({', '.join(sorted(SUFFIXES))}, .zip)")


def _in_zip(path: Path, inner: str, run: Run) -> Iterator[ExportFile]:
    try:
        archive = zipfile.ZipFile(path)  # stays open: its entries are read later
    except FAILURES as error:
        run.skip(inner, f"not a whole zip archive ({error})")
        return
    for info in archive.infolist():
        if reason := _fault(info):
            run.skip(_shown(info.filename), reason)
        elif not info.is_dir() and Path(info.filename).suffix.lower() in SUFFIXES:
            yield ExportFile(_shown(info.filename), str(path), info.file_size, _opener(archive, info))


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(info)


def _fault(info: zipfile.ZipInfo) -> str | None:
    name = info.filename.replace("\\", "/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "an absolute name"
    if ".." in name.split("/"):
        return "a name that points outside the export"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "a link, which is not followed"
    if info.file_size > BOMB_SIZE and info.file_size > BOMB_RATIO * max(info.compress_size, 1):
        return f"inflates to {info.file_size / 2**20:.0f} MB from {info.compress_size} bytes, which no chat does"
    if info.flag_bits & 1 and Path(name).suffix.lower() in SUFFIXES:
        return "encrypted: unpack it with its password first"
    return None


def _shown(path: str) -> str:
    """Names of files may hold any bytes."""
    return os.fsencode(path).decode(errors="replace") if not path.isprintable() else path
