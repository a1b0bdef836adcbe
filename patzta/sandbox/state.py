"""All state of the sandbox, its look-ups, and the bus on which everything that happens is announced."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from patzta.sandbox.clock import Clock
from patzta.sandbox.errors import ApiError, missing_access
from patzta.sandbox.models import (
    LONG_AGO,
    Attachment,
    Bot,
    Channel,
    ChannelType,
    Guild,
    Json,
    Member,
    Message,
    Role,
    User,
    Webhook,
)
from patzta.sandbox.permissions import BOT, DIRECT, READER, Permission, channel_permissions
from patzta.sandbox.snowflake import SnowflakeMaker
from patzta.sandbox.world import World

HEARTBEAT_S = 41.25
"""How often Discord wants one."""


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes:
        name: Discord's dispatch name, or one of the page's own (those have `for_bots` False).
        data: the payload as Discord has it; where `message` is set, listeners render that themselves.
        channel_id: where it happened; only who sees that channel hears of it.
        guild_id: the guild it happened in, None for DMs.
        message: the message it is about, as it is now.
        for_bots: whether gateways hear it at all.
        only_user: the single person or bot that it is for, else None.
    """

    name: str
    data: Json
    channel_id: str | None = None
    guild_id: str | None = None
    message: Message | None = None
    for_bots: bool = True
    only_user: str | None = None


Listener = Callable[[Event], None]


@dataclass
class State:
    """The whole of it. `base_url` is the server's own address, without a slash at the end.

    `shards` is how many of them a bot that asks is told to use, `heartbeat_s` how often each is to send a heartbeat.
    Listeners are called at once and must neither block nor raise.
    """

    base_url: str = ""
    shards: int = 1
    heartbeat_s: float = HEARTBEAT_S
    clock: Clock = field(default_factory=Clock)
    users: dict[str, User] = field(default_factory=dict[str, User])
    bots: dict[str, Bot] = field(default_factory=dict[str, Bot])
    guilds: dict[str, Guild] = field(default_factory=dict[str, Guild])
    channels: dict[str, Channel] = field(default_factory=dict[str, Channel])
    messages: dict[str, dict[str, Message]] = field(default_factory=dict[str, dict[str, Message]])
    attachments: dict[str, Attachment] = field(default_factory=dict[str, Attachment])
    commands: dict[tuple[str, str | None], dict[str, Json]] = field(
        default_factory=dict[tuple[str, str | None], dict[str, Json]]
    )
    nonces: dict[tuple[str, str, str], tuple[str, float]] = field(
        default_factory=dict[tuple[str, str, str], tuple[str, float]]
    )
    paced: dict[tuple[str, str, str], float] = field(default_factory=dict[tuple[str, str, str], float])
    webhooks: dict[str, Webhook] = field(default_factory=dict[str, Webhook])
    online: set[str] = field(default_factory=set[str])
    listeners: list[Listener] = field(default_factory=list[Listener])

    def __post_init__(self) -> None:
        self.new_id = SnowflakeMaker(self.clock.now)

    def announce(self, name: str, data: Json | None = None, channel: Channel | None = None, **details: Any) -> None:
        """Tell every listener; `details` are the other fields of `Event`."""
        if channel is not None:
            details |= {"channel_id": channel.id, "guild_id": channel.guild_id}
        event = Event(name, data if data is not None else {}, **details)
        for listener in list(self.listeners):
            listener(event)

    def user(self, user_id: str) -> User:
        """Raises ApiError 10013."""
        if user_id not in self.users:
            raise ApiError.unknown(10013, "User")
        return self.users[user_id]

    def guild(self, guild_id: str) -> Guild:
        """Raises ApiError 10004."""
        if guild_id not in self.guilds:
            raise ApiError.unknown(10004, "Guild")
        return self.guilds[guild_id]

    def member(self, guild_id: str, user_id: str) -> Member:
        """Raises ApiError 10007."""
        member = self.guild(guild_id).members.get(user_id)
        if member is None:
            raise ApiError.unknown(10007, "Member")
        return member

    def channel(self, channel_id: str) -> Channel:
        """Raises ApiError 10003."""
        if channel_id not in self.channels:
            raise ApiError.unknown(10003, "Channel")
        return self.channels[channel_id]

    def message(self, channel_id: str, message_id: str) -> Message:
        """Raises ApiError 10008."""
        message = self.history(channel_id).get(message_id)
        if message is None:
            raise ApiError.unknown(10008, "Message")
        return message

    def history(self, channel_id: str) -> dict[str, Message]:
        """The channel's messages, oldest first; ephemeral ones are not among them."""
        return self.messages.setdefault(channel_id, {})

    def threads(self, guild_id: str) -> Iterator[Channel]:
        """Every thread of a guild, archived ones too."""
        return (c for c in self.channels.values() if c.thread and c.guild_id == guild_id)

    def permissions(self, user_id: str, channel: Channel) -> int:
        """The user's bits in a channel, thread or DM; 0 where they do not see it."""
        if channel.guild_id is None:
            return DIRECT if user_id in channel.recipients else 0
        guild = self.guilds[channel.guild_id]
        if user_id not in guild.members:
            return 0
        parent = self.channels[channel.parent_id] if channel.thread and channel.parent_id else channel
        member = guild.members[user_id]
        bits = channel_permissions(guild, member, parent)
        if member.silent_until and member.silent_until > self.clock.now() and not bits & Permission.ADMINISTRATOR:
            bits &= READER
        return bits if self._may_see_thread(user_id, channel, bits) else 0

    @staticmethod
    def _may_see_thread(user_id: str, channel: Channel, bits: int) -> bool:
        if channel.thread is None or channel.type != ChannelType.PRIVATE_THREAD:
            return True
        return user_id in channel.thread.members or bool(bits & Permission.MANAGE_THREADS)

    def sees(self, user_id: str, channel: Channel) -> bool:
        """Whether the user can see the channel at all."""
        return bool(self.permissions(user_id, channel) & Permission.VIEW_CHANNEL)

    def require(self, user_id: str, channel: Channel, needed: int = 0) -> None:
        """Raises ApiError 50001 when the channel is out of sight, 50013 when a needed bit is missing."""
        bits = self.permissions(user_id, channel)
        if not bits & Permission.VIEW_CHANNEL:
            raise missing_access()
        if bits & needed != needed:
            raise ApiError(403, 50013, "Missing Permissions")

    def viewers(self, channel: Channel) -> list[str]:
        """The ids of everyone who sees the channel."""
        return [user_id for user_id in self.users if self.sees(user_id, channel)]

    def bot_by_token(self, token: str) -> Bot | None:
        """The bot that this token belongs to."""
        return next((bot for bot in self.bots.values() if bot.token == token), None)

    def add_world(self, world: World) -> None:
        """Put the seeded things in place."""
        self.users |= {user.id: user for user in world.people}
        self.guilds |= {guild.id: guild for guild in world.guilds}
        self.channels |= {channel.id: channel for channel in world.channels}
        for message in world.messages:
            self.history(message.channel_id)[message.id] = message
            self.channels[message.channel_id].last_message_id = message.id

    def add_bot(self, bot: Bot) -> None:
        """Let a bot join every guild."""
        self.bots[bot.id] = bot
        self.users[bot.id] = bot.user
        for guild in self.guilds.values():
            add_to(guild, bot, LONG_AGO)


def add_to(guild: Guild, bot: Bot, joined_at: datetime) -> None:
    """Make a bot a member, with a managed role of its own."""
    role_id = str(int(guild.id) + int(bot.id) % 1_000_000_000)
    guild.add_lowest(Role(role_id, bot.user.username, BOT, 1, managed_by=bot.id))
    guild.members[bot.id] = Member(bot.id, [role_id], joined_at)
