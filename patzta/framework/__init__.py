"""The bot that loads plugins. With the cogs, the only code that imports discord."""

from __future__ import annotations

from patzta.errors import PatztaError


class FrameworkError(PatztaError):
    """The base of the framework's errors.

    FrameworkError
    ├── PluginFailed         an extension or cog cannot be loaded
    ├── ChangeRefused        a user may not change a level like that
    └── DiscordUnavailable   Discord refused the bot or cannot be reached
    """


class ChangeRefused(FrameworkError):
    """The actor may not make this change of a level: the text says why."""


class PluginFailed(FrameworkError):
    """A plugin cannot be loaded: the text names it and the cause."""


class DiscordUnavailable(FrameworkError):
    """Discord refused the bot or cannot be reached: the text says what to change."""
