"""At what pace the views of one channel are edited: Discord counts edits by channel."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from cogs.views._window import Window
from patzta.jobs import pace

log = logging.getLogger("patzta.views")


class Pacer:
    """Edits one view at a time, the one that waited longest first; what it shows is drawn at that moment.

    ``edit`` says whether there was something to edit.
    """

    def __init__(self, edit: Callable[[Window], Awaitable[bool]]) -> None:
        self._edit = edit
        self._waiting: dict[int, Window] = {}
        self._edited: dict[int, float] = {}
        self._wake = asyncio.Event()

    def changed(self, window: Window) -> None:
        """It may look different now."""
        self._waiting.setdefault(window.shown.message_id, window)
        self._wake.set()

    def forget(self, window: Window) -> None:
        """It is not shown any more."""
        self._waiting.pop(window.shown.message_id, None)
        self._edited.pop(window.shown.message_id, None)

    async def run(self) -> None:
        """Edit for ever."""
        while True:
            await self._until_due()
            window = min(self._waiting.values(), key=self._due, default=None)
            if window is None:
                # Forgotten meanwhile.
                continue
            del self._waiting[window.shown.message_id]
            try:
                edited = await self._edit(window)
            except Exception:
                # One view that cannot be drawn must not stop the others.
                log.exception("the view of job %s is not drawn", window.job.id)
                edited = True
            if edited:
                self._edited[window.shown.message_id] = time.monotonic()
                await asyncio.sleep(pace.EDIT)

    async def _until_due(self) -> None:
        while True:
            self._wake.clear()
            wait = min((self._due(window) for window in self._waiting.values()), default=None)
            if wait is not None and wait <= time.monotonic():
                return
            try:
                async with asyncio.timeout(None if wait is None else wait - time.monotonic()):
                    await self._wake.wait()
            except TimeoutError:
                return

    def _due(self, window: Window) -> float:
        """When it is to be edited next: at once when somebody touched it since, or it ended."""
        last = self._edited.get(window.shown.message_id, 0.0)
        if window.touched > last:
            return 0.0
        if window.job.status.final:
            return last
        return last + pace.interval(time.monotonic() - window.touched)
