"""From Discord's messages to the conversation that a model goes on with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import discord

from patzta.chat.conversation import Attachment, AttachmentKind, Conversation, Message, Reaction

HIDDEN = "!"
"""Messages that begin with it do not exist for the double."""

Reactor = tuple[discord.abc.User, str]

_KINDS: dict[str, AttachmentKind] = {"image": "photo", "video": "video", "audio": "audio"}
_CUSTOM_EMOJI = re.compile(r"<a?:(\w+):\d+>")


def is_said(message: discord.Message, me: discord.abc.User, bots: frozenset[int] = frozenset()) -> bool:
    """Whether somebody said it to somebody: no notice, hidden note, command's answer or bot's message but ``bots``'.

    Nor one with nothing in it that the double could see, such as a mere embed.
    """
    plain = message.type in {discord.MessageType.default, discord.MessageType.reply}
    by_me = message.author == me and message.interaction_metadata is None
    others = not message.author.bot or (message.author.id in bots and message.interaction_metadata is None)
    seen = message.content or message.attachments or message.stickers
    return bool(plain and seen) and (by_me or others) and not message.content.startswith(HIDDEN)


def as_conversation(
    messages: Sequence[discord.Message],
    me: discord.abc.User,
    double: str = "",
    aliases: Mapping[int, str] | None = None,
    reactions: Mapping[int, Sequence[Reactor]] | None = None,
) -> Conversation:
    """What was said, in the order given; the double's own messages are by ``me.name``.

    ``double`` is the name of the person that it doubles; ``aliases`` are names of users by their ids, ``reactions``
    those of others, as (user, emoji), by the ids of messages.
    """
    reactors = [user for found in (reactions or {}).values() for user, _ in found]
    names = names_of([*(message.author for message in messages), *reactors], me, double, aliases or {})
    index = {message.id: number for number, message in enumerate(messages)}
    said = tuple(_message(message, names, index, me, (reactions or {}).get(message.id, ())) for message in messages)
    return Conversation("discord", None, tuple(dict.fromkeys(names.values())), said)


def names_of(
    authors: Sequence[discord.abc.User], me: discord.abc.User, double: str, aliases: Mapping[int, str]
) -> dict[int, str]:
    """The name of each author by id; no two have the same, and nobody else has the double's.

    The person that the double learned from is somebody else in a chat with it, and is marked as such.
    """
    names = {author.id: aliases.get(author.id) or author.display_name for author in authors}
    count = Counter(names.values())
    usernames = {author.id: author.name for author in authors}
    for user_id, name in names.items():
        if name == double:
            names[user_id] = f"{name} (the real one)"
        elif name == me.name or count[name] > 1:
            names[user_id] = f"{name} ({usernames[user_id]})"
    return {**names, me.id: me.name} if me.id in names else names


def plain_emoji(text: str) -> str:
    """Custom emoji as people type them: ``:name:``."""
    return _CUSTOM_EMOJI.sub(r":\1:", text)


def _message(
    message: discord.Message,
    names: dict[int, str],
    index: dict[int, int],
    me: discord.abc.User,
    others: Sequence[Reactor],
) -> Message:
    mine = [Reaction(me.name, plain_emoji(str(item.emoji))) for item in message.reactions if item.me]
    replied = message.reference.message_id if message.reference else None
    return Message(
        author=names[message.author.id],
        time=message.created_at,
        text=plain_emoji(message.clean_content),
        attachments=(*map(_attachment, message.attachments), *(Attachment("sticker") for _ in message.stickers)),
        reactions=(*mine, *(Reaction(names[user.id], emoji) for user, emoji in others)),
        reply_to=None if replied is None else index.get(replied),
        edited=message.edited_at is not None,
    )


def _attachment(item: discord.Attachment) -> Attachment:
    kind = _KINDS.get((item.content_type or "").partition("/")[0], "file")
    return Attachment(kind, item.filename if kind == "file" else None)
