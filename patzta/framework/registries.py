"""discord.py's own registries, some of which have no public name: this file is tied to its minor version."""

# ruff: noqa: SLF001
# pyright: reportPrivateUsage=false

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine, Generator
from typing import Any, cast

from discord.ext import commands
from discord.ui.view import ViewStore


def snapshot(bot: commands.Bot) -> Callable[[], None]:
    """Remember all registries; calling the result puts back what they held, to the order of the keys."""
    saved = [(registry, _copy(registry)) for registry in _registries(bot)]
    events = _event_methods(bot)

    def restore() -> None:
        for registry, content in saved:
            registry.clear()
            registry.update(content) if hasattr(registry, "update") else registry.extend(content)
        for name in _event_methods(bot):
            delattr(bot, name)
        vars(bot).update(events)

    return restore


def _event_methods(bot: commands.Bot) -> dict[str, Any]:
    """What ``Bot.event`` has set."""
    return {name: value for name, value in vars(bot).items() if name.startswith("on_")}


def attach_cog(bot: commands.Bot, cog: commands.Cog, **options: Any) -> None:
    """``Bot.add_cog`` in one step, without ``cog_load``. Raises like it."""
    with _without(cog, "cog_load"):
        _at_once(commands.Bot.add_cog(bot, cog, **options))


def detach_cog(bot: commands.Bot, cog: commands.Cog) -> None:
    """``Bot.remove_cog`` in one step, without ``cog_unload``."""
    if bot.cogs.get(cog.qualified_name) is cog:
        with _without(cog, "cog_unload"):
            _at_once(commands.Bot.remove_cog(bot, cog.qualified_name))
    # A group whose name is not that of its cog is forgotten by remove_cog.
    for command in cog.get_app_commands() if cog.app_command is None else [cog.app_command]:
        drop_app_command(bot, command)


def drop_app_command(bot: commands.Bot, command: object) -> None:
    """Take this very command out of the tree, wherever it is registered."""
    tree = cast("Any", bot.tree)
    for registry in (tree._global_commands, tree._context_menus, *tree._guild_commands.values()):
        for key in [key for key, value in registry.items() if value is command]:
            del registry[key]


def view_store(bot: commands.Bot) -> ViewStore:
    """Where the views are."""
    return bot._connection._view_store


def use_view_store(bot: commands.Bot, store: ViewStore) -> None:
    """Put another store of views in place of discord.py's."""
    bot._connection._view_store = store


def loaded_modules(bot: commands.Bot) -> dict[str, Any]:
    """The dictionary behind ``bot.extensions``."""
    return cast("Any", bot)._BotBase__extensions


def _registries(bot: commands.Bot) -> list[Any]:
    private = cast("Any", bot)
    tree, views = private.tree, private._connection._view_store
    return [
        *(private.all_commands, private.extra_events, private._checks, private._check_once),
        *(private._BotBase__cogs, private._BotBase__extensions, private.services.provided),
        *(tree._global_commands, tree._guild_commands, tree._context_menus),
        *(views._views, views._synced_message_views, views._modals, views._dynamic_items),
    ]


def _copy(registry: Any) -> Any:
    """A copy, two levels deep: a registry may hold one for each guild, event or message."""
    if isinstance(registry, list):
        return registry.copy()  # pyright: ignore[reportUnknownVariableType]
    return {key: value.copy() if type(value) in {dict, list} else value for key, value in registry.items()}


def _at_once(steps: Coroutine[Any, Any, Any]) -> None:
    """Run what never really waits."""
    try:
        steps.send(None)
    except StopIteration:
        return
    steps.close()
    raise RuntimeError("discord.py waits where it did not wait before")


@contextlib.contextmanager
def _without(cog: commands.Cog, hook: str) -> Generator[None]:
    vars(cog)[hook] = lambda: None
    try:
        yield
    finally:
        del vars(cog)[hook]
