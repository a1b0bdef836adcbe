"""``bin/chat``: talk to a double in the terminal, without Discord.

Lines that begin with a slash: ``/reset`` forgets what was said, ``/quit`` ends, as the end of the input does.
Ctrl-C stops an answer.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from patzta.chat.conversation import Conversation, Message
from patzta.chat.placeholders import Swallow
from patzta.chat.transcript import Attached, EndOfMessage, Mark, Reacted, Reader, Replied, Text
from patzta.commandline import ended, quiet

if TYPE_CHECKING:
    from patzta.inference.engine import Engine

MODEL = Path(__file__).parents[2] / "data" / "models" / "me"


def main() -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(prog="chat", description="Talk to a double in the terminal.")
    add = parser.add_argument
    add("model", type=Path, nargs="?", default=MODEL, help="the double's folder (default: %(default)s)")
    add("--name", default="friend", help="how you are called in the chat (default: %(default)s)")
    add("--threads", type=int, default=max(1, (os.cpu_count() or 2) // 2), help="of the CPU (default: %(default)s)")
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
    """The messages of the answer, written out as they come."""
    from patzta.inference.contract import Request

    screen, cancelled = _Screen(), threading.Event()

    def stop(*_: object) -> None:
        cancelled.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        engine.generate(Request(chat, engine.persona.name), screen.write, cancelled)
    finally:
        signal.signal(signal.SIGINT, before)
    return screen.close()


class _Screen:
    """Shows an answer while it is written, a line a message."""

    def __init__(self) -> None:
        self._reader, self._swallow = Reader(), Swallow()
        self._texts = [""]

    def write(self, text: str) -> None:
        for mark in self._reader.feed(self._swallow.feed(text)):
            self._show(mark)
        sys.stdout.flush()

    def close(self) -> list[str]:
        for mark in self._reader.close():
            self._show(mark)
        sys.stdout.flush()
        return [text for text in self._texts if text]

    def _show(self, mark: Mark) -> None:
        match mark:
            case Text(text):
                self._texts[-1] += text
                sys.stdout.write(text)
            case EndOfMessage():
                self._texts.append("")
                sys.stdout.write("\n")
            case Reacted(emoji):
                sys.stdout.write(f"({emoji})\n")
            case Attached(attachment):
                sys.stdout.write(f"[{attachment.kind}] ")
            case Replied():
                pass


if __name__ == "__main__":
    sys.exit(main())
