"""The last lines of the log, for whoever follows it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any

from patzta.framework.logs import ids_of, note_ids

KEPT = 500
"""Lines that wait to be taken; then the oldest are lost."""

_traces = logging.Formatter()


class Tail(logging.Handler):
    """Keeps lines until they are taken: ``time`` (seconds since 1970), ``level``, ``logger``, ``text``, ``ids``, and
    ``trace``, empty unless the line has one. Made in the loop that takes them; lines come from any thread.
    """

    def __init__(self) -> None:
        super().__init__()
        self.addFilter(note_ids)
        self._loop = asyncio.get_running_loop()
        self._lines: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._some = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler."""
        try:
            self._lines.append(_line(record))
        except Exception:  # noqa: BLE001  a line whose arguments do not fit its text, as in every handler
            self.handleError(record)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._some.set)

    async def take(self, most: int) -> list[dict[str, Any]]:
        """Wait for lines; the oldest ones."""
        await self._some.wait()
        lines = [self._lines.popleft() for _ in range(min(most, len(self._lines)))]
        if not self._lines:
            self._some.clear()
        return lines


def _line(record: logging.LogRecord) -> dict[str, Any]:
    return {
        "time": record.created,
        "level": record.levelname,
        "logger": record.name,
        "text": record.getMessage(),
        "ids": ids_of(record),
        "trace": _traces.formatException(record.exc_info) if record.exc_info else "",
    }
