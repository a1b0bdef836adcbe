"""``bin/chat``: talk to a double in the terminal, without Discord.

Lines that begin with a slash: ``/reset`` forgets what was said, ``/quit`` ends, as the end of the input does.
Ctrl-C stops an answer.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from patzta.chat.conversation import Conversation, Message
from patzta.chat.transcript import EndOfMessage, Reacted, Text
from patzta.commandline import ended, quiet, usual_threads

if TYPE_CHECKING:
    from patzta.inference.contract import Piece
    from patzta.inference.engine import Engine

MODEL = Path(__file__).parents[2] / "data" / "models" / "me"


def main() -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(prog="chat", description="Talk to a double in the terminal.")
    add = parser.add_argument
    add("model", type=Path, nargs="?", default=MODEL, help="the double's folder (default: %(default)s)")
    add("--name", default="friend", help="how you are called in the chat (default: %(default)s)")
    add("--threads", type=int, default=usual_threads(), help="of the CPU (default: %(default)s)")
    arguments = parser.parse_args()
    return ended(lambda: _run(arguments))


def _run(arguments: argparse.Namespace) -> int:
    sys.stderr.write("loading the model …\n")
    quiet()
    from patzta.inference.engine import Engine

    engine = Engine(arguments.model, arguments.threads)
    if sys.stdin.isatty():
        sys.stderr.write(f"This is the double of {engine.persona.name}. /reset forgets what was said, /quit ends.\n")
    talk(engine, arguments.name, _lines())
    return 0


def talk(engine: Engine, friend: str, lines: Iterable[str]) -> Conversation:
    """Answer every line; what was said in the end."""
    double = engine.persona.name
    empty = chat = Conversation("terminal", None, (friend, double), ())
    for line in lines:
        if line == "/reset":
            chat = empty
            continue
        chat = _with(chat, friend, line)
        for text in _answer(engine, chat):
            chat = _with(chat, double, text)
    return chat


def _with(chat: Conversation, author: str, text: str) -> Conversation:
    return replace(chat, messages=(*chat.messages, Message(author, datetime.now(UTC), text)))


def _lines() -> Iterator[str]:
    """Until the input ends; on a terminal after a prompt."""
    while True:
        if sys.stdin.isatty():
            sys.stdout.write("\x1b[1m> \x1b[0m")
            sys.stdout.flush()
        line = sys.stdin.readline()
        if not line or line.strip() == "/quit":
            return
        if line.strip():
            yield line.strip()


def _answer(engine: Engine, chat: Conversation) -> list[str]:
    """The messages of the answer, written out as they come; Ctrl-C ends it."""
    from patzta.inference.contract import Request

    texts = [""]
    with (
        contextlib.suppress(KeyboardInterrupt),
        contextlib.closing(engine.answer(Request(chat, engine.persona.name))) as pieces,
    ):
        for piece in pieces:
            sys.stdout.write(_shown(piece))
            sys.stdout.flush()
            if isinstance(piece, Text):
                texts[-1] += piece.text
            elif isinstance(piece, EndOfMessage):
                texts.append("")
    return [text for text in texts if text]


def _shown(piece: Piece) -> str:
    match piece:
        case Text(text):
            return text
        case EndOfMessage():
            return "\n"
        case Reacted(emoji):
            return f"({emoji})\n"
        case _:
            return ""


if __name__ == "__main__":
    sys.exit(main())
