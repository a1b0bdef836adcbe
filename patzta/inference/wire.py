"""The language between bot and worker: one JSON object a line, in either direction, over a local socket.

The bot says ``hello``, ``ready``, ``generate``, ``cancel`` or ``status``, each with an ``id`` of its choice; everything
that the worker says carries the id of what it answers.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Any

from patzta.chat.conversation import Conversation
from patzta.chat.transcript import EndOfMessage, Reacted, Replied, Text
from patzta.inference import WorkerLost
from patzta.inference.contract import Piece, Request, Started, Stop

VERSION = 3
LIMIT = 4 * 2**20
"""The longest line, in bytes; a longer one ends the connection."""
BACKLOG = 4 * LIMIT
"""Bytes that may wait for the other side to read them."""

_PIECES: dict[str, type[Piece]] = {
    kind.__name__: kind for kind in (Started, Text, EndOfMessage, Reacted, Replied, Stop)
}


def send(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    """Queue one message; the caller drains. Who leaves more than ``BACKLOG`` unread is hung up on."""
    if writer.transport.get_write_buffer_size() > BACKLOG:
        writer.transport.abort()
    else:
        writer.write(json.dumps(message).encode() + b"\n")


async def receive(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """The next message, None at the end. Raises WorkerLost for what is no message."""
    try:
        line = await reader.readline()
        return json.loads(line) if line else None
    except (ValueError, ConnectionError) as error:
        raise WorkerLost(f"The model worker speaks another language: {error}") from error


def pack_piece(piece: Piece) -> dict[str, Any]:
    """A piece as JSON."""
    return {"piece": type(piece).__name__, **asdict(piece)}


def unpack_piece(message: dict[str, Any]) -> Piece:
    """What ``pack_piece`` packed; an ``id`` beside it is left alone."""
    fields = {key: value for key, value in message.items() if key not in {"piece", "id"}}
    return _PIECES[message["piece"]](**fields)


def pack_request(request: Request) -> dict[str, Any]:
    """A request as JSON."""
    return {
        "conversation": request.conversation.to_json(),
        "double": request.double,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_new_tokens": request.max_new_tokens,
        "place": request.place,
    }


def unpack_request(message: dict[str, Any]) -> Request:
    """What ``pack_request`` packed."""
    conversation = Conversation.from_json(message["conversation"])
    named = ("double", "temperature", "top_p", "max_new_tokens", "place")
    return Request(conversation, *(message[name] for name in named))
