"""How far a long computation is, on stderr: one line that changes on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO


class Progress:
    """Tells percent, figures and the time left.

    ``label`` begins every line; ``seconds`` is the least time between two lines that are not on a terminal.
    """

    def __init__(self, label: str = "", stream: TextIO | None = None, seconds: float = 5.0) -> None:
        self._label = f"{label} " if label else ""
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._every = 0.2 if self._terminal else seconds
        self._shown = 0.0
        self._began: tuple[float, float] | None = None  # time and fraction at the first update
        self._open = False

    def say(self, text: str) -> None:
        """A line of its own."""
        self._end_line()
        self._stream.write(f"{self._label}{text}\n")
        self._stream.flush()

    def update(self, fraction: float, what: str = "") -> None:
        """``fraction`` of the work is done, 1 being all; a resumed computation may begin above 0."""
        now = time.monotonic()
        self._began = self._began or (now, fraction)
        if now - self._shown < self._every and fraction < 1:
            return
        self._shown = now
        line = f"{self._label}{int(100 * fraction):3d} %  {what}{self._left(now, fraction)}"
        if self._terminal:
            self._stream.write(f"\r\x1b[K{line}")
            self._open = True
        else:
            self._stream.write(line + "\n")
        self._stream.flush()
        if fraction >= 1:
            self._end_line()

    def _left(self, now: float, fraction: float) -> str:
        start, first = self._began or (now, fraction)
        if fraction <= first or fraction >= 1:
            return ""
        seconds = round((now - start) / (fraction - first) * (1 - fraction))
        hours, minutes = seconds // 3600, seconds // 60 % 60
        return f"  {hours}:{minutes:02d}:{seconds % 60:02d} left" if hours else f"  {minutes}:{seconds % 60:02d} left"

    def _end_line(self) -> None:
        if self._open:
            self._stream.write("\n")
            self._open = False
