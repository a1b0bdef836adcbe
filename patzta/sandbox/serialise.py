"""Models as the JSON objects that Discord's documentation describes.

Optional objects are absent rather than null: a bot library may read a null where Discord sends nothing, and fail.
"""

from datetime import datetime

from patzta.sandbox.intents import application_flags
from patzta.sandbox.models import (
    Attachment,
    Bot,
    Channel,
    ChannelType,
    Guild,
    Json,
    Member,
    Message,
    MessageType,
    Poll,
    Role,
    User,
    Webhook,
)
from patzta.sandbox.permissions import base_permissions
from patzta.sandbox.snowflake import time_of
from patzta.sandbox.state import State


def timestamp(moment: datetime) -> str:
    """ISO 8601 with an offset, as Discord writes times."""
    return moment.isoformat(timespec="microseconds")


def user_json(user: User) -> Json:
    """A user as others see it."""
    body: Json = {
        "id": user.id,
        "username": user.username,
        "discriminator": "0",
        "global_name": None if user.bot else user.display_name,
        "avatar": None,
        "flags": 0,
        "public_flags": 0,
        "primary_guild": None,
    }
    return body | {"bot": True} if user.bot else body


def own_user_json(user: User) -> Json:
    """A bot's view of itself."""
    return user_json(user) | {"mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}


def application_json(state: State, bot: Bot, owner: User) -> Json:
    """A bot's application."""
    flags = application_flags(bot.forbidden_intents)
    return {
        "id": bot.id,
        "name": bot.user.username,
        "icon": None,
        "description": bot.description,
        "type": None,
        "bot": user_json(bot.user),
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": flags,
        "flags_new": str(flags),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user_json(owner),
        "approximate_guild_count": len(state.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }


def member_json(state: State, member: Member, *, with_user: bool = True) -> Json:
    """A guild member; events that carry the user elsewhere leave it out here."""
    body: Json = {
        "avatar": None,
        "banner": None,
        "communication_disabled_until": timestamp(member.silent_until) if member.silent_until else None,
        "flags": 0,
        "joined_at": timestamp(member.joined_at),
        "nick": member.nick,
        "pending": False,
        "premium_since": None,
        "roles": list(member.roles),
        "mute": False,
        "deaf": False,
    }
    return body | {"user": user_json(state.users[member.user_id])} if with_user else body


def role_json(role: Role) -> Json:
    """A role."""
    body: Json = {
        "id": role.id,
        "name": role.name,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": role.hoist,
        "managed": role.managed_by is not None,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    return body | {"tags": {"bot_id": role.managed_by}} if role.managed_by else body


def guild_json(guild: Guild) -> Json:
    """A guild without its channels and members."""
    return {
        "id": guild.id,
        "name": guild.name,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": guild.owner_id,
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": guild.system_channel_id,
        # Discord itself posts nothing there.
        "system_channel_flags": 1,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "roles": [role_json(role) for role in guild.roles.values()],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }


def own_guild_json(guild: Guild, user_id: str) -> Json:
    """A guild in the list of those that a user is in."""
    return {
        "id": guild.id,
        "name": guild.name,
        "icon": None,
        "banner": None,
        "owner": guild.owner_id == user_id,
        "permissions": str(base_permissions(guild, guild.members[user_id])),
        "features": [],
        "approximate_member_count": len(guild.members),
        "approximate_presence_count": len(guild.members),
    }


def channel_json(state: State, channel: Channel, viewer_id: str | None = None) -> Json:
    """A channel, thread or DM; `viewer_id` is who asks (for DM recipients and thread membership)."""
    body: Json = {
        "id": channel.id,
        "type": int(channel.type),
        "flags": 0,
        "last_message_id": channel.last_message_id,
    }
    if channel.type == ChannelType.DM:
        others = [user_id for user_id in channel.recipients if user_id != viewer_id]
        return body | {"recipients": [user_json(state.users[user_id]) for user_id in others]}
    body |= {"guild_id": channel.guild_id, "name": channel.name, "parent_id": channel.parent_id}
    if channel.thread is not None:
        return body | _thread_fields(channel, viewer_id)
    body |= {
        "position": channel.position,
        "permission_overwrites": [
            {"id": o.id, "type": o.kind, "allow": str(o.allow), "deny": str(o.deny)} for o in channel.overwrites
        ],
        "nsfw": channel.nsfw,
    }
    if channel.type == ChannelType.CATEGORY:
        return body
    return body | {"topic": channel.topic, "rate_limit_per_user": channel.slowmode_s}


def _thread_fields(channel: Channel, viewer_id: str | None) -> Json:
    thread = channel.thread
    assert thread is not None
    body: Json = {
        "owner_id": thread.owner_id,
        "message_count": thread.message_count,
        "total_message_sent": thread.message_count,
        "member_count": len(thread.members),
        "rate_limit_per_user": channel.slowmode_s,
        "thread_metadata": {
            "archived": thread.archived,
            "archive_timestamp": timestamp(thread.archive_changed_at),
            "auto_archive_duration": thread.auto_archive_duration,
            "locked": thread.locked,
            "create_timestamp": timestamp(time_of(channel.id)),
        },
    }
    if viewer_id in thread.members:
        body["member"] = thread_member_json(channel, viewer_id)
    return body


def thread_member_json(channel: Channel, user_id: str) -> Json:
    """One member of a thread."""
    assert channel.thread is not None
    joined = channel.thread.members[user_id]
    return {"id": channel.id, "user_id": user_id, "join_timestamp": timestamp(joined), "flags": 0}


def attachment_json(state: State, attachment: Attachment) -> Json:
    """A stored file with the address that it is served under."""
    url = f"{state.base_url}/attachments/{attachment.channel_id}/{attachment.id}/{attachment.filename}"
    body: Json = {
        "id": attachment.id,
        "filename": attachment.filename,
        "size": len(attachment.content),
        "url": url,
        "proxy_url": url,
        "content_type": attachment.content_type,
    }
    return body | {"description": attachment.description} if attachment.description else body


def emoji_json(emoji: str) -> Json:
    """A reaction's emoji from its key: the character, or `name:id`."""
    name, _, emoji_id = emoji.partition(":")
    return {"id": emoji_id or None, "name": name}


def _reactions_json(message: Message, viewer_id: str | None) -> list[Json]:
    return [
        {
            "emoji": emoji_json(emoji),
            "count": len(users),
            "count_details": {"burst": 0, "normal": len(users)},
            "burst_colors": [],
            "me_burst": False,
            "me": viewer_id in users,
        }
        for emoji, users in message.reactions.items()
    ]


def message_json(state: State, message: Message, viewer_id: str | None = None, *, nested: bool = False) -> Json:
    """A message as `viewer_id` gets it. `nested` is for a message inside a message: its own reference is left out."""
    body: Json = {
        "id": message.id,
        "channel_id": message.channel_id,
        "author": _author_json(state, message),
        "type": int(message.type),
        "content": message.content,
        "timestamp": timestamp(time_of(message.id)),
        "edited_timestamp": timestamp(message.edited_at) if message.edited_at else None,
        "flags": int(message.flags),
        "tts": False,
        "pinned": message.pinned_at is not None,
        "mention_everyone": message.mention_everyone,
        "mentions": [user_json(state.users[user_id]) for user_id in message.mentions],
        "mention_roles": list(message.mention_roles),
        "attachments": [attachment_json(state, attachment) for attachment in message.attachments],
        "embeds": message.embeds,
        "components": message.components,
    }
    if message.snapshot is not None:
        body["message_snapshots"] = [{"message": message.snapshot}]
    if message.reactions:
        body["reactions"] = _reactions_json(message, viewer_id)
    if message.poll is not None:
        body["poll"] = _poll_json(message.poll, viewer_id)
    if message.nonce is not None:
        body["nonce"] = message.nonce
    if message.application_id is not None:
        body["application_id"] = message.application_id
    if message.webhook is not None:
        body["webhook_id"] = message.webhook.id
    if message.interaction is not None:
        body |= {"interaction_metadata": message.interaction, "webhook_id": message.application_id}
    if message.thread_id in state.channels:
        body["thread"] = channel_json(state, state.channels[message.thread_id])
    if message.reference is not None and not nested:
        body |= _reference_fields(state, message, viewer_id)
    return body


def _poll_json(poll: Poll, viewer_id: str | None) -> Json:
    counts = [
        {"id": number, "count": len(users), "me_voted": viewer_id in users} for number, users in poll.votes.items()
    ]
    return {
        "question": poll.question,
        "answers": [{"answer_id": n, "poll_media": media} for n, media in enumerate(poll.answers, start=1)],
        "expiry": timestamp(poll.expiry),
        "allow_multiselect": poll.multiple,
        "layout_type": 1,
        "results": {"is_finalized": poll.finalized, "answer_counts": counts},
    }


def _author_json(state: State, message: Message) -> Json:
    if message.webhook is None:
        return user_json(state.users[message.author_id])
    return user_json(message.webhook) | {"discriminator": "0000"}


def webhook_json(state: State, webhook: Webhook) -> Json:
    """A webhook with its token, as the application that made it gets it."""
    return {
        "id": webhook.id,
        "type": 1,
        "name": webhook.name,
        "avatar": None,
        "channel_id": webhook.channel_id,
        "guild_id": state.channels[webhook.channel_id].guild_id,
        "application_id": webhook.application_id,
        "token": webhook.token,
        "url": f"{state.base_url}/api/webhooks/{webhook.id}/{webhook.token}",
        "user": user_json(state.users[webhook.application_id]),
    }


def _reference_fields(state: State, message: Message, viewer_id: str | None) -> Json:
    reference = message.reference
    assert reference is not None
    pointer: Json = {"type": int(reference.type), "channel_id": reference.channel_id}
    guild_id = state.channels[reference.channel_id].guild_id if reference.channel_id in state.channels else None
    if guild_id:
        pointer["guild_id"] = guild_id
    if reference.message_id is None:
        return {"message_reference": pointer}
    pointer["message_id"] = reference.message_id
    fields: Json = {"message_reference": pointer}
    if message.type in (MessageType.REPLY, MessageType.THREAD_STARTER, MessageType.POLL_RESULT):
        target = state.history(reference.channel_id).get(reference.message_id)
        fields["referenced_message"] = message_json(state, target, viewer_id, nested=True) if target else None
    return fields
