"""The channel and message that a request's path names."""

from dataclasses import dataclass

from aiohttp import web

from patzta.sandbox.errors import ApiError
from patzta.sandbox.http import STATE, authorised
from patzta.sandbox.models import Bot, Channel, ChannelType, Message
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
