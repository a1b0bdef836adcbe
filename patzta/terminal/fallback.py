"""The emulator pyte, for machines without a build of the better one: slower, and without an alternate screen."""

# pyte carries no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import contextlib
from typing import Any

import pyte
from pyte.screens import Char

from patzta.terminal import HISTORY
from patzta.terminal.styles import WHITE, Line, Run, Style, nearest

NAMES = {"black": 0, "red": 1, "green": 2, "brown": 3, "blue": 4, "magenta": 5, "cyan": 6, "white": 7}


class PyteScreen:
    """See ``Screen``."""

    def __init__(self, rows: int, columns: int) -> None:
        self._screen = pyte.HistoryScreen(columns, rows, history=HISTORY, ratio=0.5)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, data: bytes) -> None:
        """See ``Screen``. pyte raises at codes that common programs send; from there on the rest of a line is tried."""
        try:
            self._stream.feed(data)
        except Exception:  # noqa: BLE001  of every kind
            self._stream = pyte.ByteStream(self._screen)
            for line in data.splitlines(keepends=True)[1:]:
                with contextlib.suppress(Exception):
                    self._stream.feed(line)

    def resize(self, rows: int, columns: int) -> None:
        """See ``Screen``."""
        with contextlib.suppress(Exception):
            self._screen.resize(rows, columns)
            # It leaves the cursor outside.
            cursor = self._screen.cursor
            cursor.y, cursor.x = min(cursor.y, rows - 1), min(cursor.x, columns - 1)

    @property
    def history(self) -> int:
        """See ``Screen``."""
        return len(self._screen.history.top)

    def lines(self, back: int = 0) -> list[Line]:
        """See ``Screen``."""
        screen = self._screen
        rows: list[Any] = [*screen.history.top, *(screen.buffer[row] for row in range(screen.lines))]
        first = self.history - min(back, self.history)
        lines = [self._line(row) for row in rows[first : first + screen.lines]]
        while lines and not any(run.text.strip() for run in lines[-1]):
            lines.pop()
        return lines

    def _line(self, row: dict[int, Char]) -> Line:
        runs: list[Run] = []
        width = max((column + 1 for column, char in row.items() if char.data != " " or char.bg != "default"), default=0)
        for column in range(min(width, self._screen.columns)):
            char = row[column]
            style = _style(char)
            if runs and runs[-1].style == style:
                runs[-1] = Run(runs[-1].text + char.data, style)
            else:
                runs.append(Run(char.data, style))
        return tuple(runs)


def _style(char: Char) -> Style:
    ink, paper = _colour(char.fg), _colour(char.bg)
    if char.reverse:
        ink, paper = paper or 0, WHITE if ink is None else ink
    return Style(char.bold, char.underscore, ink, paper)


def _colour(name: str) -> int | None:
    known = NAMES.get(name.removeprefix("bright"))
    if known is not None or len(name) != 6:
        return known
    try:
        return nearest(*bytes.fromhex(name))
    except ValueError:
        return None
