"""What one version of a plugin has registered, and how to take it back."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Generator, Hashable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import Any
from weakref import WeakSet

from discord.ext import commands

log = logging.getLogger("patzta.plugins")

current: ContextVar[Scope | None] = ContextVar("plugin", default=None)
"""The scope of the plugin whose code is running: set while it is set up, and in all its handlers and tasks."""

RESIDENT = ("patzta", "extensions", "sqlalchemy")
"""Tasks that run code of these packages outlive the plugin whose handler happened to start them.

SQLAlchemy ends a unit of work in a task of its own, so that the connection is put back in order even when the unit's
own task is cancelled; its maker waits for it.
"""


class State(Enum):
    """A scope's life, in this order."""

    STAGED = "registrations wait for the commit"
    LIVE = "registrations take effect at once"
    DRAINING = "replaced or unloaded; handlers in flight finish"
    CLOSED = "registrations are ignored"


@dataclass(frozen=True, slots=True)
class Registration:
    """Something added to the bot (or taken from it): how it is done and undone, both without awaiting.

    ``thing`` is what a handler is found by; one that ``lingers`` serves until the handlers in flight are done.
    """

    key: Hashable
    apply: Callable[[], object]
    undo: Callable[[], object]
    thing: object = None
    lingers: bool = False


class Scope:
    """Records, in order, what a plugin registers. Unloading replays it backwards."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = State.STAGED
        self.cogs: list[commands.Cog] = []
        self.handlers: WeakSet[asyncio.Task[Any]] = WeakSet()
        self.tasks: WeakSet[asyncio.Task[Any]] = WeakSet()
        self._registrations: dict[Hashable, Registration] = {}
        self._things: Counter[int] = Counter()

    def register(self, new: Registration) -> None:
        """Do it now, or at the commit."""
        if self.state is State.CLOSED:
            log.warning("%s: %s came after its end and is ignored", self.name, new.key)
            return
        if self.state is not State.STAGED:
            new.apply()
        twice = new.key in self._registrations
        self._registrations[(new.key, len(self._registrations)) if twice else new.key] = new
        self._things[id(new.thing)] += 1

    def remove(self, key: Hashable, otherwise: Registration) -> None:
        """Take a registration back; what others have registered is removed until this plugin is unloaded."""
        mine = self.forget(key)
        if mine:
            if self.state is not State.STAGED:
                mine.undo()
        # A version that is on its way out must not remove by name what its successor has registered.
        elif self.state in {State.STAGED, State.LIVE}:
            self.register(otherwise)

    def forget(self, key: Hashable) -> Registration | None:
        """Record no longer what is gone."""
        mine = self._registrations.pop(key, None)
        if mine:
            self._things[id(mine.thing)] -= 1
        return mine

    def owns(self, thing: object) -> bool:
        """Whether ``thing`` (a cog, command, listener, view, class of items) was registered here."""
        return thing is not None and self._things[id(thing)] > 0

    def cog(self, name: str) -> commands.Cog | None:
        """Its cog of that name."""
        return next((cog for cog in self.cogs if cog.qualified_name == name), None)

    def attach(self) -> None:
        """Make all staged registrations. Raises whatever a registration raises."""
        self.state = State.LIVE
        for made in list(self._registrations.values()):
            made.apply()

    def detach(self) -> None:
        """Undo all registrations but those that linger, newest first; harmless to repeat."""
        for made in reversed(list(self._registrations.values())):
            if not made.lingers:
                made.undo()

    def end(self) -> None:
        """Undo what lingers and record nothing from now on."""
        self.state = State.CLOSED
        for made in reversed(list(self._registrations.values())):
            if made.lingers:
                made.undo()
        self._registrations.clear()
        self._things.clear()

    def running(self) -> set[asyncio.Task[Any]]:
        """The handlers in flight."""
        return {task for task in self.handlers if not task.done()}


@contextlib.contextmanager
def entered(scope: Scope | None) -> Generator[None]:
    """Within it, registrations and tasks belong to ``scope``."""
    before = current.set(scope)
    try:
        yield
    finally:
        current.reset(before)


def record_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Have each new task of the loop known to the scope in which it was made."""
    loop.set_task_factory(_make_task)


def _make_task(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
    task = asyncio.Task(coro, loop=loop, **options)
    scope = current.get()
    if scope and not _is_resident(coro):
        scope.tasks.add(task)
    return task


def _is_resident(coro: Coroutine[Any, Any, Any]) -> bool:
    frame = getattr(coro, "cr_frame", None)
    module = str(frame.f_globals.get("__name__", "")) if frame else ""
    return module.partition(".")[0] in RESIDENT
