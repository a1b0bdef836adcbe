"""The bot: a discord.py bot with settings, services, a gate and places, everything else being a plugin."""

from __future__ import annotations

import contextlib
import importlib.util
import logging

import discord
from discord.ext import commands

from patzta.errors import PatztaError
from patzta.framework import PluginFailed
from patzta.framework.gate import Gate
from patzta.framework.places import Places
from patzta.framework.tree import GatedTree
from patzta.services import Services
from patzta.settings import Settings

log = logging.getLogger("patzta.bot")


class Bot(commands.Bot):
    """Loads the extensions, then the cogs, that the settings name.

    ``guild_wait`` is how many seconds it waits for further guilds before it is ready.
    """

    def __init__(self, settings: Settings, guild_wait: float = 2.0) -> None:
        intents = discord.Intents.default()
        intents.message_content = True
        super().__init__(
            command_prefix=commands.when_mentioned,
            tree_cls=GatedTree,
            help_command=None,
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=guild_wait,
        )
        self.settings = settings
        self.services = Services()
        self.places = Places()
        self.closing = False
        self.gate = Gate(settings.rules, self.services)
        tree = self.tree
        assert isinstance(tree, GatedTree)
        tree.gate = self.gate

    @property
    def plugins(self) -> list[str]:
        """The modules that the config names, in the order in which they are loaded."""
        return [
            *(module_name("extensions", name) for name in self.settings.extensions),
            *(module_name("cogs", name) for name in self.settings.cogs),
        ]

    async def setup_hook(self) -> None:
        """Load all plugins and tell Discord their commands. Raises PluginFailed, or the plugin's own PatztaError."""
        for plugin in self.plugins:
            await self._load(plugin)
        await self.tree.sync()

    async def _load(self, plugin: str) -> None:
        try:
            await self.load_extension(plugin)
        except (commands.ExtensionNotFound, ModuleNotFoundError) as error:
            raise PluginFailed(f"There is no plugin '{plugin}': look at [plugins] in the config.") from error
        except commands.ExtensionError as error:
            cause = error.__cause__ or error
            if isinstance(cause, PatztaError):
                raise cause from None
            log.exception("plugin %s", plugin)
            raise PluginFailed(f"The plugin '{plugin}' cannot be loaded: {cause}. The log above says where.") from error
        log.debug("loaded %s", plugin)

    async def close(self) -> None:
        """End the residents and the connection. Answers that break off by that need no excuse."""
        self.closing = True
        await super().close()

    async def on_message(self, message: discord.Message, /) -> None:
        """Nothing here: messages are the cogs' affair, and there are no prefix commands."""


def module_name(folder: str, name: str) -> str:
    """The module of a plugin: one of ours in ``folder``, else one installed from elsewhere."""
    ours = f"{folder}.{name}"
    with contextlib.suppress(ModuleNotFoundError):  # a dotted name whose first part is not ours
        return ours if importlib.util.find_spec(ours) else name
    return name
