"""The channel and message, or the guild, that a request's path names."""

from dataclasses import dataclass

from aiohttp import web

from patzta.sandbox.errors import ApiError, missing_access
from patzta.sandbox.http import STATE, authorised
from patzta.sandbox.models import Bot, Channel, ChannelType, Guild, Message
from patzta.sandbox.state import State


@dataclass(frozen=True)
class Place:
    """Who calls, and about which channel."""

    state: State
    bot: Bot
    channel: Channel
    request: web.Request

    @property
    def message(self) -> Message:
        """The message of the path. Raises ApiError 10008."""
        return self.state.message(self.channel.id, self.request.match_info["message"])


def place(request: web.Request) -> Place:
    """Raises ApiError 401, 10003 (no such channel, or another's DM) and 50001 (out of the bot's sight)."""
    state, bot = request.app[STATE], authorised(request)
    channel = state.channel(request.match_info["channel"])
    if channel.type == ChannelType.DM and bot.id not in channel.recipients:
        raise ApiError.unknown(10003, "Channel")
    state.require(bot.id, channel)
    return Place(state, bot, channel, request)


def guild_place(request: web.Request) -> tuple[State, Bot, Guild]:
    """Who calls, and about which guild. Raises ApiError 401, 10004, and 50001 for one that the bot is not in."""
    state, bot = request.app[STATE], authorised(request)
    guild = state.guild(request.match_info["guild"])
    if bot.id not in guild.members:
        raise missing_access()
    return state, bot, guild
