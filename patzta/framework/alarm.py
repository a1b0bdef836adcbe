"""Telling the owner when the same thing keeps failing: nobody reads a log every day."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

TIMES = 3
WITHIN = 600.0
"""Seconds in which ``TIMES`` errors of one kind are too many."""
PAUSE = 3600.0
"""Seconds between two words about the same kind."""
OWN = ("patzta.alarm", "patzta.owners")
"""Loggers whose errors would be about telling."""

log = logging.getLogger("patzta.alarm")

Kind = tuple[str, str]


class Alarm(logging.Handler):
    """Counts errors by logger and template. ``tell`` gets a sentence; ``clock`` gives seconds."""

    def __init__(
        self, tell: Callable[[str], Coroutine[Any, Any, object]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(logging.ERROR)
        self._tell = tell
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._seen: dict[Kind, deque[float]] = {}
        self._told: dict[Kind, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Count; from any thread."""
        kind = record.name, str(record.msg)
        if not record.name.startswith(OWN) and self._is_too_many(kind) and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._start, sentence(record))

    def _is_too_many(self, kind: Kind) -> bool:
        now = self._clock()
        seen = self._seen.setdefault(kind, deque(maxlen=TIMES))
        seen.append(now)
        often = len(seen) == TIMES and now - seen[0] <= WITHIN
        if not often or now - self._told.get(kind, -PAUSE) < PAUSE:
            return False
        self._told[kind] = now
        return True

    def _start(self, text: str) -> None:
        task = self._loop.create_task(self._try(text))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _try(self, text: str) -> None:
        try:
            await self._tell(text)
        except Exception:
            # Whatever fails here is about Discord, which discord.py logs and retries itself.
            log.exception("the owner cannot be told")


def sentence(record: logging.LogRecord) -> str:
    """What keeps failing, without the particulars: they may hold what people wrote."""
    what = re.sub(r"%[-+ #0-9.]*[a-z]", "…", str(record.msg))
    error = f" ({record.exc_info[0].__name__})" if record.exc_info and record.exc_info[0] else ""
    often = f"{TIMES} times within {WITHIN / 60:.0f} minutes"
    return f"⚠️ Something keeps failing, {often}: {record.name}: {what}{error}. My log says more."
