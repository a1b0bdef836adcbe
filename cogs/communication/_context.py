"""From Discord's messages to the conversation that a model goes on with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import discord

from patzta.chat.conversation import Attachment, AttachmentKind, Conversation, Message, Reaction

HIDDEN = "!"
"""Messages that begin with it do not exist for the double."""

_KINDS: dict[str, AttachmentKind] = {"image": "photo", "video": "video", "audio": "audio"}


def is_said(message: discord.Message, me: discord.abc.User) -> bool:
    """Whether somebody said it to somebody: no notice, hidden note, command's answer or other bot's message.

    Nor one with nothing in it that the double could see, such as a mere embed.
    """
    plain = message.type in {discord.MessageType.default, discord.MessageType.reply}
    by_me = message.author == me and message.interaction_metadata is None
    seen = message.content or message.attachments or message.stickers
    return bool(plain and seen) and (by_me or not message.author.bot) and not message.content.startswith(HIDDEN)


async def seen_by(
    history: Sequence[discord.Message], me: discord.abc.User, is_visible: Callable[[int], Awaitable[bool]]
) -> list[discord.Message]:
    """The messages that the double may see, in the order given."""
    authors = {message.author.id for message in history} - {me.id}
    visible = {me.id, *[author for author in authors if await is_visible(author)]}
    return [message for message in history if message.author.id in visible and is_said(message, me)]


def as_conversation(messages: Sequence[discord.Message], me: discord.abc.User) -> Conversation:
    """What was said since the last long pause, oldest first; the double's own messages are by ``me.name``."""
    names = {message.author.id: _name(message.author, me) for message in messages}
    said = tuple(_message(message, names, me) for message in messages)
    whole = Conversation("discord", None, tuple(dict.fromkeys(names.values())), said)
    return list(whole.sessions())[-1] if messages else whole


def _name(author: discord.abc.User, me: discord.abc.User) -> str:
    """Nobody else may speak under the double's name: that would make their words its own.

    The double's own does not depend on the nickname that it has on a server.
    """
    if author.id == me.id:
        return me.name
    return f"{author.display_name} ({author.name})" if author.display_name == me.name else author.display_name


def _message(message: discord.Message, names: dict[int, str], me: discord.abc.User) -> Message:
    mine = tuple(Reaction(me.name, str(item.emoji)) for item in message.reactions if item.me)
    return Message(
        author=names[message.author.id],
        time=message.created_at,
        text=message.clean_content,
        attachments=(*map(_attachment, message.attachments), *(Attachment("sticker") for _ in message.stickers)),
        reactions=mine,
    )


def _attachment(item: discord.Attachment) -> Attachment:
    kind = _KINDS.get((item.content_type or "").partition("/")[0], "file")
    return Attachment(kind, item.filename if kind == "file" else None)
