"""What the world is made of. Ids are strings, as on the wire; times are aware UTC datetimes."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, IntFlag
from typing import Any

Json = dict[str, Any]
"""One JSON object."""

LONG_AGO = datetime(2025, 9, 1, tzinfo=UTC)
"""When the seeded people joined."""


class ChannelType(IntEnum):
    """https://discord.com/developers/docs/resources/channel#channel-object-channel-types"""

    TEXT = 0
    DM = 1
    CATEGORY = 4
    NEWS_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12


class MessageType(IntEnum):
    """https://discord.com/developers/docs/resources/message#message-object-message-types"""

    DEFAULT = 0
    PINNED = 6
    THREAD_CREATED = 18
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    THREAD_STARTER = 21
    CONTEXT_MENU_COMMAND = 23
    POLL_RESULT = 46


class ReferenceType(IntEnum):
    """https://discord.com/developers/docs/resources/message#message-reference-types"""

    DEFAULT = 0
    FORWARD = 1


class MessageFlag(IntFlag):
    """https://discord.com/developers/docs/resources/message#message-object-message-flags"""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    HAS_SNAPSHOT = 1 << 14
    COMPONENTS_V2 = 1 << 15


SETTABLE_FLAGS = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
"""What the author of a message may choose; the rest is the server's."""


@dataclass
class User:
    """A person or a bot; `display_name` is Discord's `global_name`."""

    id: str
    username: str
    display_name: str
    bot: bool = False
    about: str = ""


@dataclass
class Bot:
    """An application with its bot user (they share one id).

    `forbidden_intents` holds the privileged bits switched off for it, as in Discord's developer portal.
    """

    user: User
    token: str
    forbidden_intents: int = 0
    description: str = ""

    @property
    def id(self) -> str:
        """The id of the bot user and of the application."""
        return self.user.id


@dataclass
class Role:
    """`permissions` is a sum of `Permission` bits, `color` an RGB number (0 = none)."""

    id: str
    name: str
    permissions: int
    position: int
    color: int = 0
    hoist: bool = False
    mentionable: bool = False
    managed_by: str | None = None


@dataclass
class Member:
    """A user's place in one guild; until `silent_until` they may only read."""

    user_id: str
    roles: list[str] = field(default_factory=list[str])
    joined_at: datetime = LONG_AGO
    nick: str | None = None
    silent_until: datetime | None = None


@dataclass
class Guild:
    """A server. The role with the guild's own id is @everyone; the system channel is where bots greet.

    `bans` maps the ids of who was banned to the reason.
    """

    id: str
    name: str
    owner_id: str
    system_channel_id: str | None = None
    roles: dict[str, Role] = field(default_factory=dict[str, Role])
    members: dict[str, Member] = field(default_factory=dict[str, Member])
    bans: dict[str, str | None] = field(default_factory=dict[str, str | None])

    def add_lowest(self, role: Role) -> list[Role]:
        """Put a role just above @everyone; returns the others, which all moved up."""
        moved = [other for other in self.roles.values() if other.id != self.id]
        for other in moved:
            other.position += 1
        role.position = 1
        self.roles[role.id] = role
        return moved


@dataclass
class Overwrite:
    """A channel's exception for a role (kind 0) or a member (kind 1)."""

    id: str
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass
class ThreadInfo:
    """What a thread has beyond a channel; `members` maps user ids to when they joined.

    `active_at` is when somebody spoke last, or opened it: from then on counts the time after which it archives itself.
    """

    owner_id: str
    archived: bool = False
    locked: bool = False
    auto_archive_duration: int = 1440
    archive_changed_at: datetime = LONG_AGO
    active_at: datetime = LONG_AGO
    members: dict[str, datetime] = field(default_factory=dict[str, datetime])
    message_count: int = 0


@dataclass
class Channel:
    """A text channel, category, thread (`thread` is set) or DM (`recipients` holds both user ids)."""

    id: str
    type: ChannelType
    name: str = ""
    guild_id: str | None = None
    parent_id: str | None = None
    position: int = 0
    topic: str | None = None
    nsfw: bool = False
    slowmode_s: int = 0
    overwrites: list[Overwrite] = field(default_factory=list[Overwrite])
    recipients: list[str] = field(default_factory=list[str])
    thread: ThreadInfo | None = None
    last_message_id: str | None = None


@dataclass
class Webhook:
    """An address at which anybody who has the token posts into a channel."""

    id: str
    token: str
    channel_id: str
    name: str
    application_id: str


@dataclass
class Attachment:
    """A stored file. `content_type` is what the uploader's name suggests, not what it is served as."""

    id: str
    channel_id: str
    filename: str
    content: bytes = field(repr=False)
    content_type: str = "application/octet-stream"
    description: str | None = None


@dataclass
class Reference:
    """What a message points at: a message that is replied to or forwarded, or the origin of a system message."""

    channel_id: str
    message_id: str | None = None
    type: ReferenceType = ReferenceType.DEFAULT


@dataclass
class Poll:
    """A question with answers (`{"text"?, "emoji"?}`), numbered from 1; `votes` maps the numbers to who chose them."""

    question: Json
    answers: list[Json]
    expiry: datetime
    multiple: bool
    votes: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    finalized: bool = False


@dataclass
class Message:
    """A message of a person or bot, or of a webhook: that one is then `webhook`, by the name it gave itself.

    `notified` are the user ids that it pings, after `allowed_mentions` had its say. `ephemeral_to` is the only
    person who sees it; such a message is in no history. `reactions` maps an emoji to who reacted, in order.
    `snapshot` is what a forwarded message said.
    """

    id: str
    channel_id: str
    author_id: str
    content: str = ""
    type: MessageType = MessageType.DEFAULT
    flags: int = 0
    edited_at: datetime | None = None
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    embeds: list[Json] = field(default_factory=list[Json])
    components: list[Json] = field(default_factory=list[Json])
    mentions: list[str] = field(default_factory=list[str])
    mention_roles: list[str] = field(default_factory=list[str])
    mention_everyone: bool = False
    notified: list[str] = field(default_factory=list[str])
    reactions: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    reference: Reference | None = None
    snapshot: Json | None = None
    poll: Poll | None = None
    pinned_at: datetime | None = None
    nonce: str | int | None = None
    thread_id: str | None = None
    application_id: str | None = None
    interaction: Json | None = None
    ephemeral_to: str | None = None
    webhook: User | None = None

    @property
    def loading(self) -> bool:
        """Whether it is a deferred answer that still says "is thinking"."""
        return bool(self.flags & MessageFlag.LOADING)
