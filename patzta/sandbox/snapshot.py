"""What the page is told: the whole world at once, and the extra fields of its messages."""

from patzta.sandbox.commands import of_application, usable
from patzta.sandbox.models import Channel, ChannelType, Guild, Json, Message, Poll, User
from patzta.sandbox.permissions import Permission
from patzta.sandbox.serialise import channel_json, emoji_json, message_json, role_json, timestamp, user_json
from patzta.sandbox.state import State

RECENT = 60
"""Messages of each channel in a snapshot; older ones are asked for page by page."""


def page_message(state: State, message: Message) -> Json:
    """A message for the page.

    Beyond Discord's fields: `notified` (whom it pings), `ephemeral_to`, `interaction_id`, in each reaction the `users`
    who reacted, and for a poll the `votes`: user id -> numbers of answers.
    """
    body = message_json(state, message)
    body["reactions"] = [{"emoji": emoji_json(emoji), "users": users} for emoji, users in message.reactions.items()]
    body |= {"notified": message.notified, "ephemeral_to": message.ephemeral_to}
    body["interaction_id"] = message.interaction["id"] if message.interaction else None
    return body | {"votes": _votes(message.poll)} if message.poll else body


def _votes(poll: Poll) -> dict[str, list[int]]:
    voters = {user_id for users in poll.votes.values() for user_id in users}
    return {one: [number for number, users in poll.votes.items() if one in users] for one in voters}


def page_user(state: State, user: User) -> Json:
    """A user with name, description and presence; people are always online."""
    return user_json(user) | {
        "display_name": user.display_name,
        "about": user.about,
        "bot": user.bot,
        "online": not user.bot or user.id in state.online,
        "avatar_url": f"/avatars/{user.id}.svg",
    }


def page_channel(state: State, channel: Channel) -> Json:
    """A channel with who sees it and who may write there."""
    bits = {user_id: state.permissions(user_id, channel) for user_id in state.users}
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.thread else Permission.SEND_MESSAGES
    body = channel_json(state, channel) | {
        "viewers": [user_id for user_id, own in bits.items() if own & Permission.VIEW_CHANNEL],
        "writers": [user_id for user_id, own in bits.items() if own & needed],
        "moderators": [user_id for user_id, own in bits.items() if own & Permission.MANAGE_MESSAGES],
    }
    if channel.type == ChannelType.DM:
        body["recipient_ids"] = list(channel.recipients)
    if channel.thread is not None:
        body["thread_members"] = list(channel.thread.members)
    return body


def page_guild(guild: Guild) -> Json:
    """A guild with its roles, and the roles and nicknames of its members."""
    return {
        "id": guild.id,
        "name": guild.name,
        "owner_id": guild.owner_id,
        "icon_url": f"/avatars/{guild.id}.svg",
        "roles": [role_json(role) for role in guild.roles.values()],
        "members": [
            {"user_id": m.user_id, "roles": list(m.roles), "nick": m.nick, "joined_at": timestamp(m.joined_at)}
            for m in guild.members.values()
        ],
    }


def snapshot(state: State) -> Json:
    """Everything that the page needs to draw itself."""
    return {
        "users": [page_user(state, user) for user in state.users.values()],
        "people": [user.id for user in state.users.values() if not user.bot],
        "bots": [
            {"id": bot.id, "name": bot.user.username, "online": bot.id in state.online} for bot in state.bots.values()
        ],
        "guilds": [page_guild(guild) for guild in state.guilds.values()],
        "channels": [page_channel(state, channel) for channel in state.channels.values()],
        "messages": {
            channel_id: [page_message(state, m) for m in list(history.values())[-RECENT:]]
            for channel_id, history in state.messages.items()
        },
        "commands": {bot_id: list(of_application(state, bot_id)) for bot_id in state.bots},
    }


def usable_commands(state: State, user_id: str, channel: Channel, kind: int = 1) -> list[Json]:
    """The commands of a kind (1: slash commands, 3: a message's menu) that Discord would offer this person here."""
    return [
        command
        for bot_id in state.bots
        for command in of_application(state, bot_id)
        if command["type"] == kind and usable(state, command, user_id, channel)
    ]
