"""The plugins of a bot: loaded, reloaded (prepare, commit, retire) and unloaded, one at a time."""

from __future__ import annotations

import asyncio
import copy
import logging
import time
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, cast, runtime_checkable

import discord
from discord.ext import commands

from patzta.framework import PluginFailed
from patzta.framework.modules import Version, check_syntax, content_hash, source_files
from patzta.framework.registries import loaded_modules, snapshot
from patzta.framework.scope import Scope, State, entered
from patzta.framework.traces import trace_of
from patzta.services import ServiceKey, Services

log = logging.getLogger("patzta.plugins")

PATIENCE = 30.0
"""Seconds that a cog's set-up may take."""
GRACE = 300.0
"""Seconds that handlers in flight may go on after their plugin was replaced: an answer on a slow machine."""
CLOSING_GRACE = 3.0
"""The same when the bot ends."""
STUBBORN = 10.0
"""Seconds after which a cancelled task that still runs is named in the log."""


@runtime_checkable
class KeepsState(Protocol):
    """A cog whose state crosses a reload. Both methods are called in the commit: neither waits, nor sees the other's
    object. What a handler in flight writes afterwards is lost, so queues and locks belong in the core.
    """

    state_version: int

    def export_state(self) -> Any:
        """Plain data: numbers, text, None, and lists, tuples, sets and dictionaries of them."""
        ...

    def import_state(self, version: int, state: Any) -> None:
        """Take over a copy of what the version before exported. An error keeps the old code serving."""
        ...


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load or reload did: content hashes (None before the first load), milliseconds, and what to know."""

    name: str
    before: str | None
    after: str
    milliseconds: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A reload that failed: the content hash of the files that were tried, and the traceback."""

    hash: str
    trace: str


class Plugin(Scope):
    """One version of a plugin: its registrations, its modules and the hash of its files."""

    def __init__(self, name: str, *, resident: bool) -> None:
        super().__init__(name)
        self.version = Version(name)
        self.resident = resident
        self.hash = ""
        self.module: Any = None
        self.warnings: list[str] = []


class Plugins:
    """Loads plugins into a bot, whose services are ``services``. ``grace`` is in seconds.

    Concurrent calls wait for each other; a cancelled or failed one leaves everything as it was.
    """

    def __init__(self, bot: commands.Bot, services: Services, grace: float = GRACE) -> None:
        self._bot = bot
        self._services = services
        self.grace = grace
        self.loaded: dict[str, Plugin] = {}
        self.failed: dict[str, Failed] = {}
        """Those of ``loaded`` whose last reload failed."""
        self._draining: list[Plugin] = []
        self._retiring: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()

    @property
    def draining(self) -> int:
        """How many old versions have handlers in flight."""
        return len(self._draining)

    def owner_of(self, thing: object) -> Plugin | None:
        """The plugin that registered ``thing``, be it on its way out."""
        return next((plugin for plugin in [*self.loaded.values(), *self._draining] if plugin.owns(thing)), None)

    async def load(self, name: str, *, resident: bool = False) -> Loaded:
        """Load a plugin; a ``resident`` one stays until the process ends.

        Raises ExtensionAlreadyLoaded, or what ``reload`` raises.
        """
        async with self._lock:
            if name in self.loaded:
                raise commands.ExtensionAlreadyLoaded(name)
            return await self._replace(name, resident=resident)

    async def reload(self, name: str) -> Loaded:
        """Put the plugin's files as they are now in the place of what serves; any failure leaves the old serving.

        Raises ExtensionNotLoaded, ExtensionNotFound, NoEntryPointError, ExtensionFailed, or PluginFailed for a
        resident.
        """
        async with self._lock:
            if name not in self.loaded:
                raise commands.ExtensionNotLoaded(name)
            if self.loaded[name].resident:
                raise PluginFailed(f"'{name}' changes only with the process: use /restart process:true.")
            return await self._replace(name, resident=False)

    async def unload(self, name: str) -> None:
        """Take the plugin out. Raises ExtensionNotLoaded."""
        async with self._lock:
            if name not in self.loaded:
                raise commands.ExtensionNotLoaded(name)
            self._take_out(name)

    async def close(self) -> None:
        """Unload everything, the last loaded first, with a short grace for all handlers but the caller."""
        self.grace = min(self.grace, CLOSING_GRACE)
        async with self._lock:
            for name in reversed(list(self.loaded)):
                self._take_out(name, asyncio.current_task())
                # One after the other: a cog may need its residents until its end.
                await self.retired()

    async def retired(self) -> None:
        """Wait until no old version is left."""
        while self._retiring:
            await asyncio.wait(self._retiring)

    async def _replace(self, name: str, *, resident: bool) -> Loaded:
        start = time.perf_counter()
        old = self.loaded.get(name)
        new = Plugin(name, resident=resident)
        try:
            await self._prepare(new)
            # In an empty context: what the commit registers is recorded already.
            Context().run(self._commit, new, old)
        except BaseException as error:
            new.state = State.CLOSED
            if old and isinstance(error, Exception):
                self.failed[name] = Failed(new.hash, trace_of(error))
            await asyncio.shield(self._spawn(_clean_up(new, self._bot, None)))
            if isinstance(error, commands.ExtensionError) or not isinstance(error, Exception):
                raise
            raise commands.ExtensionFailed(name, error) from error
        if old:
            self._retire(old, None)
        took = (time.perf_counter() - start) * 1000
        return Loaded(name, old.hash if old else None, new.hash, took, tuple(new.warnings))

    async def _prepare(self, new: Plugin) -> None:
        """Import and set up the new code while the old serves."""
        files = source_files(new.name)
        new.hash = content_hash(files)
        if not files:
            raise commands.ExtensionNotFound(new.name)
        check_syntax(files)
        with entered(new):
            new.module = new.version.load()
            if not hasattr(new.module, "setup"):
                raise commands.NoEntryPointError(new.name)
            self._check_services(new)
        # The timer is made outside: it would keep the version alive until its time is over.
        async with asyncio.timeout(None if new.resident else PATIENCE):
            with entered(new):
                await new.version.run(_set_up(new.module, self._bot))

    def _check_services(self, new: Plugin) -> None:
        wanted: tuple[ServiceKey[Any], ...] = getattr(new.module, "REQUIRES", ())
        missing = ", ".join(f"'{key.name}'" for key in wanted if not self._services.has(key))
        if missing:
            raise PluginFailed(
                f"'{new.name}' needs the service {missing}, which no loaded plugin provides:"
                " name the extension in the config, under [plugins] extensions."
            )

    def _commit(self, new: Plugin, old: Plugin | None) -> None:
        """Swap all registrations. There is no ``await`` here, so no event can come between."""
        restore = snapshot(self._bot)
        try:
            if old:
                old.detach()
            new.attach()
            if old:
                _hand_over(old, new)
        except BaseException:
            restore()
            raise
        new.version.install()
        loaded_modules(self._bot)[new.name] = new.module
        self.loaded[new.name] = new
        self.failed.pop(new.name, None)

    def _take_out(self, name: str, besides: asyncio.Task[Any] | None = None) -> None:
        old = self.loaded.pop(name)
        self.failed.pop(name, None)
        Context().run(old.detach)
        del loaded_modules(self._bot)[name]
        old.version.remove()
        self._retire(old, besides)

    def _retire(self, old: Plugin, besides: asyncio.Task[Any] | None) -> None:
        old.state = State.DRAINING
        self._draining.append(old)
        self._spawn(self._finish(old, besides))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        # In an empty context: a handler of a plugin may have called, and this outlives it.
        task = asyncio.get_running_loop().create_task(work, context=Context())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)
        return task

    async def _finish(self, old: Plugin, besides: asyncio.Task[Any] | None) -> None:
        """Let the handlers in flight finish, then end the rest. ``besides`` is a handler that waits for this."""
        start = time.monotonic()
        while (running := old.running() - {besides}) and time.monotonic() - start < self.grace:
            # In slices, because the grace shrinks when the bot ends.
            await asyncio.wait(running, timeout=min(1.0, self.grace))
        for task in running:
            log.warning("%s: a handler did not finish within %g s: %s", old.name, self.grace, task.get_name())
        old.end()
        await _clean_up(old, self._bot, besides)
        self._draining.remove(old)


async def _set_up(module: Any, bot: commands.Bot) -> None:
    await module.setup(bot)


def _hand_over(old: Plugin, new: Plugin) -> None:
    for before in old.cogs:
        after = new.cog(before.qualified_name)
        if not isinstance(before, KeepsState):
            continue
        if isinstance(after, KeepsState):
            state = before.export_state()
            _check_plain(state)
            after.import_state(before.state_version, copy.deepcopy(state))
        else:
            new.warnings.append(f"nobody takes over the state of {before.qualified_name}")


def _check_plain(state: Any) -> None:
    """Raises TypeError for what would keep the old code alive."""
    if isinstance(state, dict):
        _check_plain([*cast("dict[Any, Any]", state).items()])
    elif isinstance(state, list | tuple | set | frozenset):
        for item in cast("list[Any]", state):
            _check_plain(item)
    elif not (state is None or isinstance(state, str | bytes | int | float)):
        raise TypeError(f"only plain data crosses a reload, not {type(state).__name__}")


async def _clean_up(plugin: Plugin, bot: commands.Bot, besides: asyncio.Task[Any] | None) -> None:
    """Cancel its tasks, then run its own clean-up; errors are logged."""
    await _cancel(plugin, besides)
    cogs, plugin.cogs = plugin.cogs[::-1], []
    hooks: list[Callable[[], Any]] = [cog.cog_unload for cog in cogs]
    if hasattr(plugin.module, "teardown"):
        hooks.append(partial(plugin.module.teardown, bot))
    with entered(plugin):
        for hook in hooks:
            try:
                await discord.utils.maybe_coroutine(hook)
            except Exception:
                # Whatever a plugin's clean-up raises, the rest of it still has to run.
                log.exception("%s: the clean-up failed", plugin.name)


async def _cancel(plugin: Plugin, besides: asyncio.Task[Any] | None) -> None:
    tasks = {task for task in plugin.tasks | plugin.handlers if not task.done()} - {besides, asyncio.current_task()}
    for task in tasks:
        task.cancel(f"{plugin.name} ended")
    if tasks:
        _, stubborn = await asyncio.wait(tasks, timeout=STUBBORN)
        for task in stubborn:
            log.warning("%s: a task does not end: %s", plugin.name, task.get_name())
