"""A stretch of a job's log, as one file."""

from __future__ import annotations

from dataclasses import dataclass

from patzta.jobs.supervisor.log import extent, read

LARGEST = 8 * 2**20
"""Bytes; Discord takes files of ten million."""
PIECE = 2**20


@dataclass(frozen=True, slots=True)
class Excerpt:
    """``data`` begins ``begin`` bytes after the job's first and reaches to ``end``, of ``total``."""

    data: bytes
    begin: int
    end: int
    total: int

    def __str__(self) -> str:
        if not self.data:
            return "It wrote nothing there." if self.total else "It wrote nothing yet."
        return f"Bytes {self.begin:,} to {self.end:,} of {self.total:,}."


def excerpt(folder: str, first: int | None = None, last: int | None = None, *, longest: int = LARGEST) -> Excerpt:
    """The bytes from ``first`` to ``last``, at most ``longest``; the newest when nothing is said.

    A line tells where some were dropped.
    """
    total, _ = extent(folder)
    end = total if last is None else min(last, total)
    begin = max(0, end - longest) if first is None else first
    end = min(end, begin + longest)
    parts: list[bytes] = []
    at = begin
    while at < end:
        found, data = read(folder, at, min(PIECE, end - at))
        if not data or found >= end:
            break
        if found > at:
            parts.append(f"\n[{found - at:,} bytes were dropped here]\n".encode())
        parts.append(data)
        at = found + len(data)
    return Excerpt(b"".join(parts), begin, at, total)
