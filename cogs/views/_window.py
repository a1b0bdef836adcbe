"""What one message shows: a job's screen, followed, and drawn when it is to be sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from cogs.views import _texts
from patzta.jobs.contract import Job, JobService, State
from patzta.jobs.excerpt import excerpt
from patzta.store.views import ShownJob
from patzta.terminal.screen import Screen, new_screen

BEHIND = 2**18
"""Bytes of output that are read before the newest; what is older is left to the log."""
ASK = 2.0
"""Seconds between questions to the supervisor about the terminal's size and echo."""


class Window:
    """The screen of ``job`` in the message ``shown``. ``changed`` is called when there may be something new to see."""

    def __init__(self, jobs: JobService, shown: ShownJob, job: Job, changed: Callable[[Window], None]) -> None:
        self.shown = shown
        self.job = job
        self.drawn = ""
        """What the message says now; empty when that is not known."""
        self.touched = self.heard = time.monotonic()
        """When somebody did something here, and when the job last wrote."""
        self._jobs = jobs
        self._changed = changed
        self._state: State | None = None
        self._screen: Screen | None = None
        self._size = (0, 0)
        self._offset = 0
        self._asked = 0.0

    async def begin(self) -> None:
        """Show what there is now."""
        order = await self._jobs.order(self.job.id)
        self._size = order.rows, order.columns
        self._screen = new_screen(*self._size)
        found = await asyncio.to_thread(excerpt, str(self._jobs.folder(self.job.id)), longest=BEHIND)
        self._screen.feed(found.data)
        self._offset = found.end

    async def follow(self) -> None:
        """Follow the job to its end."""
        if self._screen is None:
            await self.begin()
        assert self._screen
        self.change()
        async for piece in self._jobs.follow(self.job.id, self._offset):
            self._screen.feed(piece.data)
            self._offset = piece.offset + len(piece.data)
            self.heard = time.monotonic()
            if self.heard >= self._asked + ASK:
                self._asked = self.heard
                await self.look()
            self.change()
        self.job = await self._jobs.get(self.job.id)
        self.change()

    async def look(self) -> None:
        """Ask its supervisor how it is; somebody may have changed the terminal's size elsewhere."""
        if self._screen is None or self.job.status.final:
            return
        before, self._state = self._state, await self._jobs.state(self.job.id)
        if self._state and (self._state.rows, self._state.columns) != self._size:
            self._size = self._state.rows, self._state.columns
            self._screen.resize(*self._size)
        if self._state != before:
            self.change()

    def change(self) -> None:
        """There may be something new to see."""
        self._changed(self)

    def touch(self) -> None:
        """Somebody did something here."""
        self.touched = time.monotonic()
        self.change()

    @property
    def history(self) -> int:
        """Rows that can be scrolled back to."""
        return self._screen.history if self._screen else 0

    def draw(self) -> str:
        """The text of the message."""
        lines = self._screen.lines(self.shown.scroll) if self._screen else []
        return _texts.message(self.job, self._state, self.shown, lines)
