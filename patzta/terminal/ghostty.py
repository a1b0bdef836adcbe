"""The emulator of the terminal Ghostty, through its C library. https://ghostty.org"""

# The library's functions are known to cffi only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false, reportUnknownLambdaType=false, reportMissingTypeStubs=false
# pyright: reportPrivateUsage=false, reportOptionalSubscript=false

from __future__ import annotations

import re

from pyghostty._ffi import GhosttyError, lib
from pyghostty.core import Terminal, init_sized, read_buf

from patzta.terminal import HISTORY
from patzta.terminal.styles import Line, read_lines

_PALETTE = re.compile(r"^(?:\x1b\]4;[^\x1b]*\x1b\\)+")
"""With which it begins each text; not what the job wrote."""


class GhosttyScreen:
    """See ``Screen``."""

    def __init__(self, rows: int, columns: int) -> None:
        self._rows, self._columns = rows, columns
        self._terminal = Terminal(columns, rows, scrollback=HISTORY)

    def feed(self, data: bytes) -> None:
        """See ``Screen``."""
        try:
            self._terminal.feed(data)
        except GhosttyError:
            # What cannot be emulated must not end the view.
            self._terminal = Terminal(self._columns, self._rows, scrollback=HISTORY)

    def resize(self, rows: int, columns: int) -> None:
        """See ``Screen``."""
        self._rows, self._columns = rows, columns
        self._terminal.resize(columns, rows)

    @property
    def history(self) -> int:
        """See ``Screen``."""
        return int(self._terminal.get("scrollback_rows", "size_t"))

    def lines(self, back: int = 0) -> list[Line]:
        """See ``Screen``."""
        first = self.history - min(back, self.history)
        lines = read_lines(_PALETTE.sub("", self._text(first, first + self._rows - 1)))
        while lines and not any(run.text.strip() for run in lines[-1]):
            lines.pop()
        return lines

    def _text(self, first: int, last: int) -> str:
        """Rows, counted from the oldest there is, with their colours."""
        options = init_sized("GhosttyTerminalSelectionFormatOptions")
        chosen = init_sized("GhosttySelection")
        try:
            chosen.start = self._terminal.ref(0, first, "screen")[0]
            chosen.end = self._terminal.ref(self._columns - 1, last, "screen")[0]
            options.emit, options.unwrap, options.trim = lib.GHOSTTY_FORMATTER_FORMAT_VT, False, True
            options.selection = chosen
            terminal = self._terminal._t[0]  # noqa: SLF001  its own class formats plain text only
            return read_buf(
                lambda buffer, size, written: lib.ghostty_terminal_selection_format_buf(
                    terminal, options[0], buffer, size, written
                )
            )
        except (GhosttyError, UnicodeDecodeError):
            return ""
