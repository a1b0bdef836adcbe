"""Gateway intents: which events a session gets, and when a message's content is blank.

https://discord.com/developers/docs/events/gateway#gateway-intents
"""

from enum import IntFlag

from patzta.sandbox.models import Json


class Intent(IntFlag):
    """The bits that the sandbox knows."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_WEBHOOKS = 1 << 5
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    GUILD_MESSAGE_POLLS = 1 << 24
    DIRECT_MESSAGE_POLLS = 1 << 25


PRIVILEGED = {
    "members": Intent.GUILD_MEMBERS,
    "presences": Intent.GUILD_PRESENCES,
    "message_content": Intent.MESSAGE_CONTENT,
}
"""Those that a bot must be allowed to ask for, by the names that the command line uses."""

_LIMITED = {Intent.GUILD_PRESENCES: 1 << 13, Intent.GUILD_MEMBERS: 1 << 15, Intent.MESSAGE_CONTENT: 1 << 19}
"""The flags of an application on fewer than 100 servers, one for each that is switched on."""

_IN_GUILD_AND_DIRECT = (
    ("MESSAGE_REACTION_", Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS),
    ("MESSAGE_POLL_", Intent.GUILD_MESSAGE_POLLS, Intent.DIRECT_MESSAGE_POLLS),
    ("MESSAGE_", Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    ("TYPING_", Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING),
    ("CHANNEL_PINS_", Intent.GUILDS, Intent.DIRECT_MESSAGES),
    ("GUILD_CREATE", Intent.GUILDS, Intent.GUILDS),
    ("GUILD_DELETE", Intent.GUILDS, Intent.GUILDS),
    ("GUILD_BAN_", Intent.GUILD_MODERATION, Intent.GUILD_MODERATION),
    ("GUILD_MEMBER_", Intent.GUILD_MEMBERS, Intent.GUILD_MEMBERS),
    ("THREAD_MEMBERS_", Intent.GUILDS, Intent.GUILDS),
    ("THREAD_", Intent.GUILDS, Intent.GUILDS),
    ("CHANNEL_", Intent.GUILDS, Intent.GUILDS),
    ("GUILD_ROLE_", Intent.GUILDS, Intent.GUILDS),
    ("WEBHOOKS_", Intent.GUILD_WEBHOOKS, Intent.GUILD_WEBHOOKS),
    ("PRESENCE_", Intent.GUILD_PRESENCES, Intent.GUILD_PRESENCES),
)


def application_flags(forbidden: int) -> int:
    """Those of an application without the ``forbidden`` intents."""
    return sum(flag for intent, flag in _LIMITED.items() if not forbidden & intent)


def wanted(event: str, intents: int, *, in_guild: bool) -> bool:
    """Whether a session with these intents gets the event."""
    for prefix, guild_bit, direct_bit in _IN_GUILD_AND_DIRECT:
        if event.startswith(prefix):
            return bool(intents & (guild_bit if in_guild else direct_bit))
    return True


def without_content(message: Json) -> Json:
    """The message as a bot without MESSAGE_CONTENT gets it."""
    blank: Json = message | {"content": "", "embeds": [], "attachments": [], "components": []}
    if snapshots := blank.pop("message_snapshots", None):
        blank["message_snapshots"] = [{"message": without_content(one["message"])} for one in snapshots]
    if message.get("referenced_message"):
        blank["referenced_message"] = without_content(message["referenced_message"])
    blank.pop("poll", None)
    return blank


def content_is_free(message: Json, bot_id: str, *, in_guild: bool) -> bool:
    """Whether the bot gets the content anyway: DMs, its own messages, and those that mention it."""
    mentioned = any(user["id"] == bot_id for user in message["mentions"])
    return not in_guild or message["author"]["id"] == bot_id or mentioned
