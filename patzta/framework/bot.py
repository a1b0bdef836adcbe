"""The bot: a discord.py bot with settings, services, a gate and places, everything else being a plugin."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, cast

import discord
from discord.ext import commands

from patzta.errors import PatztaError
from patzta.framework import PluginFailed
from patzta.framework.alarm import Alarm
from patzta.framework.background import Background
from patzta.framework.gate import Gate, needed_level
from patzta.framework.lag import LoopLag
from patzta.framework.owners import tell_owners
from patzta.framework.places import Places
from patzta.framework.plugins import Plugins
from patzta.framework.recording import RecordingBot, RecordingServices
from patzta.framework.reexec import Handed
from patzta.framework.registries import use_view_store
from patzta.framework.scope import Scope, record_tasks
from patzta.framework.sources import changed, fingerprint
from patzta.framework.sync import CommandSync
from patzta.framework.tree import GatedTree
from patzta.framework.trusted import TrustedServers
from patzta.framework.views import GatedViewStore
from patzta.settings import Settings

log = logging.getLogger("patzta.bot")


class Bot(RecordingBot):
    """Loads the extensions, then the cogs, that the settings name.

    ``guild_wait`` is how many seconds it waits for further guilds before it is ready; ``beside`` is run once the
    plugins are loaded, as long as the bot; ``received`` is what the program before this one handed over.
    """

    def __init__(
        self,
        settings: Settings,
        guild_wait: float = 2.0,
        *,
        beside: Callable[[Bot], Coroutine[Any, Any, None]] | None = None,
        received: Handed | None = None,
    ) -> None:
        intents = discord.Intents.default()
        intents.message_content = True
        super().__init__(
            command_prefix=commands.when_mentioned,
            tree_cls=GatedTree,
            help_command=None,
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=guild_wait,
            shard_id=settings.shard if settings.shards > 1 else None,
            shard_count=settings.shards,
        )
        self.settings = settings
        self.services = RecordingServices()
        self.places = Places(settings.communication.patience)
        self.closing = False
        self.received: Handed = received or {}
        self.handing: Handed | None = None
        """What goes to the program that replaces this one; None unless the bot closes for that."""
        self.started = time.time()
        self.lag = LoopLag()
        self._beside = beside
        self._alarm: Alarm | None = None
        self._sources = fingerprint()
        self._background = Background(log, "what goes on beside the plugins failed")
        self.trusted = TrustedServers(self, settings.rules.roles)
        self.gate = Gate(settings.rules, self.services, self.trusted.memberships, closed=settings.closed)
        self.plugins = Plugins(self, self.services)
        tree = cast("GatedTree", self.tree)
        tree.gate, tree.owner = self.gate, self.owner_of
        self.sync = CommandSync(tree, self.services, settings.guilds)
        use_view_store(self, GatedViewStore(self._connection, self.gate, self.owner_of))

    def owner_of(self, thing: object) -> Scope | None:
        """The plugin that registered ``thing``."""
        return self.plugins.owner_of(thing)

    async def setup_hook(self) -> None:
        """Load all plugins and tell Discord their commands. Raises PluginFailed, or the plugin's own PatztaError."""
        record_tasks(self.loop)
        for name in self.settings.extensions:
            await self._load(module_name("extensions", name), resident=True)
        for name in self.settings.cogs:
            await self._load(module_name("cogs", name), resident=False)
        await self.sync.now()
        self._background.start(self.lag.run())
        self._alarm = Alarm(partial(tell_owners, self, self.settings))
        logging.getLogger().addHandler(self._alarm)
        if self._beside:
            self._background.start(self._beside(self))

    @property
    def cog_plugins(self) -> list[str]:
        """The plugins that can be reloaded, in the order in which they were loaded."""
        return [name for name, plugin in self.plugins.loaded.items() if not plugin.resident]

    def changed_outside(self) -> list[str]:
        """The files that changed since the start and that only a new process takes up."""
        return changed(self._sources, fingerprint())

    async def _load(self, name: str, *, resident: bool) -> None:
        try:
            await self.plugins.load(name, resident=resident)
        except commands.ExtensionNotFound as error:
            raise PluginFailed(f"There is no plugin '{name}': look at [plugins] in the config.") from error
        except commands.ExtensionError as error:
            cause = error.__cause__ or error
            if isinstance(cause, PatztaError):
                raise cause from None
            log.exception("plugin %s", name)
            raise PluginFailed(f"The plugin '{name}' cannot be loaded: {cause}. The log above says where.") from error
        log.debug("loaded %s", name)

    async def load_extension(self, name: str, *, package: str | None = None) -> None:
        """See discord.py; for plugins that load others."""
        await self.plugins.load(importlib.util.resolve_name(name, package))
        self.sync.soon()

    async def reload_extension(self, name: str, *, package: str | None = None) -> None:
        """See discord.py."""
        await self.plugins.reload(importlib.util.resolve_name(name, package))
        self.sync.soon()

    async def unload_extension(self, name: str, *, package: str | None = None) -> None:
        """See discord.py."""
        await self.plugins.unload(importlib.util.resolve_name(name, package))
        self.sync.soon()

    async def start_anew(self, **handed: Any) -> None:
        """Close, for the program to be started anew; residents add what they hand over."""
        self.handing = handed
        await self.close()

    async def close(self) -> None:
        """End the plugins and the connection. Answers that break off by that need no excuse."""
        self.closing = True
        if self._alarm:
            logging.getLogger().removeHandler(self._alarm)
        await self.sync.close()
        await self._background.cancel()
        await self.plugins.close()
        await super().close()

    async def on_message(self, message: discord.Message, /) -> None:
        """Run prefix commands, which only plugins from elsewhere have."""
        if self.all_commands:
            await self.process_commands(message)

    async def invokes(self, message: discord.Message) -> bool:
        """Whether the message is a prefix command that its author may run."""
        if not self.all_commands or message.author.bot:
            return False
        context = await self.get_context(message)
        return context.command is not None and await self._permits(context)

    async def can_run(self, ctx: commands.Context[Any], /, *, call_once: bool = False) -> bool:
        """Ask the gate, then the plugins' own global checks."""
        return await self._permits(ctx) and await super().can_run(ctx, call_once=call_once)

    async def _permits(self, context: commands.Context[Any]) -> bool:
        needed = needed_level(context.command)
        return (await self.gate.decide(context.author.id, needed)).allowed

    async def on_command_error(self, context: commands.Context[Any], exception: commands.CommandError, /) -> None:
        """Log what failed; what is no command, or is refused, gets silence like any message."""
        if not isinstance(exception, commands.CommandNotFound | commands.CheckFailure):
            log.error("%s failed for user %s", context.command, context.author.id, exc_info=exception)


def module_name(folder: str, name: str) -> str:
    """The module of a plugin: one of ours in ``folder``, else one installed from elsewhere."""
    ours = f"{folder}.{name}"
    with contextlib.suppress(ModuleNotFoundError):  # a dotted name whose first part is not ours
        return ours if importlib.util.find_spec(ours) else name
    return name
