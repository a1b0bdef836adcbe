"""A discord.py bot that knows which plugin registered what, whatever reference to the bot the plugin holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar, cast

import discord
from discord.ext import commands
from discord.utils import MISSING

from patzta.framework.registries import attach_cog, detach_cog
from patzta.framework.scope import Registration, Scope, State, current, entered
from patzta.services import ServiceKey, Services

Listener = Callable[..., Coroutine[Any, Any, Any]]
Check = Callable[[commands.Context[Any]], Any]
T = TypeVar("T")
L = TypeVar("L", bound=Listener)


class RecordingBot(commands.Bot):
    """Outside of a plugin's code everything goes straight to discord.py."""

    def owner_of(self, thing: object) -> Scope | None:
        """The plugin that registered ``thing``."""
        raise NotImplementedError

    def _schedule_event(self, coro: Listener, event_name: str, *args: Any, **kwargs: Any) -> asyncio.Task[Any]:
        scope = self.owner_of(getattr(coro, "__self__", coro))
        with entered(scope):
            task = cast("Any", super())._schedule_event(coro, event_name, *args, **kwargs)  # noqa: SLF001
        if scope:
            scope.handlers.add(task)
        return task

    async def add_cog(self, cog: commands.Cog, /, **options: Any) -> None:
        """See discord.py; ``cog_load`` runs now, the rest waits for the commit."""
        scope = current.get()
        if scope is None:
            await super().add_cog(cog, **options)
            return
        await discord.utils.maybe_coroutine(cog.cog_load)
        scope.cogs.append(cog)
        apply, undo = partial(attach_cog, self, cog, **options), partial(detach_cog, self, cog)
        scope.register(Registration(("cog", cog.qualified_name), apply, undo, cog))

    async def remove_cog(self, name: str, /, **options: Any) -> commands.Cog | None:
        """See discord.py; a plugin can remove its own cogs only."""
        scope = current.get()
        if scope is None:
            return await super().remove_cog(name, **options)
        cog = scope.cog(name)
        if cog:
            scope.cogs.remove(cog)
            nothing = Registration(("no cog", name), lambda: None, lambda: None)
            scope.remove(("cog", name), nothing)
            await discord.utils.maybe_coroutine(cog.cog_unload)
        return cog

    def get_cog(self, name: str, /) -> commands.Cog | None:
        """See discord.py; a plugin that is being set up sees its own new cogs."""
        scope = current.get()
        staged = scope.cog(name) if scope and scope.state is State.STAGED else None
        return staged or super().get_cog(name)

    def add_command(self, command: commands.Command[Any, ..., Any], /) -> None:
        """See discord.py."""
        undo = partial(super().remove_command, command.name)
        record(("command", command.name), partial(super().add_command, command), undo, command)

    def remove_command(self, name: str, /) -> commands.Command[Any, ..., Any] | None:
        """See discord.py."""
        command = self.get_command(name)
        unrecord(("command", name), partial(super().remove_command, name), super().add_command)
        return command

    def add_listener(self, func: Listener, /, name: str = MISSING) -> None:
        """See discord.py."""
        event = func.__name__ if name is MISSING else name
        apply, undo = partial(super().add_listener, func, event), partial(super().remove_listener, func, event)
        record(("listener", event, func), apply, undo, getattr(func, "__self__", func))

    def remove_listener(self, func: Listener, /, name: str = MISSING) -> None:
        """See discord.py."""
        event = func.__name__ if name is MISSING else name
        known = func in self.extra_events.get(event, [])
        remove = partial(super().remove_listener, func, event)
        put_back = partial(super().add_listener, func, event)
        unrecord(("listener", event, func), lambda: (remove(), known or None)[1], lambda _: put_back())

    def event(self, coro: L, /) -> L:
        """See discord.py."""
        before: dict[str, Any] = {}
        name = coro.__name__

        def apply() -> None:
            before.update({name: vars(self)[name]} if name in vars(self) else {})
            super(RecordingBot, self).event(coro)

        def undo() -> None:
            vars(self).pop(name, None)
            vars(self).update(before)

        record(("event", name), apply, undo, coro)
        return coro

    def add_check(self, func: Check, /, *, call_once: bool = False) -> None:
        """See discord.py."""
        apply = partial(super().add_check, func, call_once=call_once)
        undo = partial(super().remove_check, func, call_once=call_once)
        record(("check", func, call_once), apply, undo, func)

    def remove_check(self, func: Check, /, *, call_once: bool = False) -> None:
        """See discord.py."""
        remove = partial(super().remove_check, func, call_once=call_once)
        put_back = partial(super().add_check, func, call_once=call_once)
        unrecord(("check", func, call_once), remove, lambda _: put_back())


class RecordingServices(Services):
    """Services that a plugin provides go with it."""

    def provide(self, key: ServiceKey[T], service: T) -> None:
        """See Services."""
        record(("service", key.name), partial(super().provide, key, service), partial(super().withdraw, key))

    def withdraw(self, key: ServiceKey[Any]) -> None:
        """See Services."""
        unrecord(("service", key.name), partial(super().withdraw, key), partial(super().provide, key))


def record(key: tuple[Any, ...], apply: Callable[[], object], undo: Callable[[], object], thing: object = None) -> None:
    """Register something for the running plugin; outside of plugins just do it."""
    scope = current.get()
    if scope is None:
        apply()
    else:
        scope.register(Registration(key, apply, undo, thing))


def unrecord(key: tuple[Any, ...], remove: Callable[[], Any], put_back: Callable[[Any], object]) -> None:
    """Remove something of the running plugin; something of others until the plugin is unloaded.

    ``remove`` returns what it found, None when nothing; ``put_back`` gets it.
    """
    scope = current.get()
    if scope is None:
        remove()
        return
    found: list[Any] = []
    scope.remove(
        key,
        Registration(
            ("no", *key),
            lambda: found.append(remove()),
            lambda: [put_back(thing) for thing in found if thing is not None],
        ),
    )
