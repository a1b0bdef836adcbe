r"""How a chat is written for a language model, and how its answer is read back.

A conversation becomes turns that alternate between ``user`` (everybody else) and ``assistant`` (the double).
Inside a turn every line is one sub-message. The others' lines begin with the speaker's name:

    user        Bára: ahoj
                Bára: [photo] koukej
    assistant   [reacts ❤]
                ty jo
                kde to je?
    user        [pause 3 h]
                Bára: na Petrově

Marks stand in square brackets at the beginning of a line: a reply to a message other than the last one (``[re 3]``, the
third last), attachments (``[photo]``, ``[file plan.pdf]``), a reaction to the last message or to one further back
(``[reacts ❤]``, ``[reacts ❤ to 3]``), a long pause, and ``[start]``, the turn before a double that speaks first. A
backslash makes the next character literal, so no text can pass for a mark, for a border between messages (a line break
inside a text is ``\`` at the end of the line) or for a control token of the model's chat template, and reading gives
back exactly what was written.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Literal, get_args

from patzta.chat.conversation import Attachment, AttachmentKind, Conversation, Message

Role = Literal["user", "assistant"]

VERSION = 2
"""Grows whenever the written form changes: a model reads only the form that it was trained on."""
START = "[start]"
PAUSE_FROM = timedelta(hours=1)
"""Shorter pauses are not written."""
NOBODY = "someone"
"""Stands for an author whose name is not known."""

_ATTACHMENTS = frozenset[str](get_args(AttachmentKind))


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the chat template."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Text:
    """A part of the text of a sub-message."""

    text: str


@dataclass(frozen=True, slots=True)
class Attached:
    """An attachment of the sub-message that follows, or a sub-message by itself."""

    attachment: Attachment


@dataclass(frozen=True, slots=True)
class Reacted:
    """A reaction to the ``back``-th message before it, 1 being the last one."""

    emoji: str
    back: int = 1


@dataclass(frozen=True, slots=True)
class Replied:
    """The sub-message that follows replies to the ``back``-th message before it, 1 being the last one."""

    back: int


@dataclass(frozen=True, slots=True)
class EndOfMessage:
    """The sub-message is complete."""


Mark = Text | Attached | Reacted | Replied | EndOfMessage


class Transcript:
    """Writes conversations from the point of view of ``double``.

    ``control_tokens`` are the strings that the model's tokenizer would read as control tokens
    (``patzta.inference.prompt.control_tokens``); they are broken up wherever a person typed them.
    """

    def __init__(self, double: str, control_tokens: Collection[str] = ()) -> None:
        self.double = double
        # A token of one character cannot be broken; no template in use has one.
        tokens = sorted((token for token in control_tokens if len(token) > 1), key=len, reverse=True)
        self._control = re.compile(f"(?=(?:{'|'.join(map(re.escape, tokens))}))(.)", re.S) if tokens else None

    def turns(self, conversation: Conversation) -> list[Turn]:
        """The turns of a conversation, first one ``user``; what nobody typed (calls, notices) is left out."""
        lines = list(self._lines(conversation))
        if lines and lines[0][0] == "assistant":
            lines.insert(0, ("user", START))
        return [Turn(role, "\n".join(line for _, line in group)) for role, group in groupby(lines, key=_role_of)]

    def _lines(self, conversation: Conversation) -> Iterator[tuple[Role, str]]:
        waiting: dict[Role, list[tuple[str, str, int]]] = {"user": [], "assistant": []}
        count, before = 0, None
        numbers: dict[int, int] = {}
        for index, message in enumerate(conversation.messages):
            if message.kind != "message" or not (message.text or message.attachments):
                continue
            role = self._role(message.author)
            pause = _pause(before, message)
            if pause:
                yield from self._reactions("user", waiting, count)
                yield "user", pause
            yield from self._reactions(role, waiting, count)
            replied = count - numbers.get(-1 if message.reply_to is None else message.reply_to, count) + 1
            numbers[index] = count = count + 1
            yield role, self._line(message.author, self._body(message, replied))
            for reaction in message.reactions:
                waiting[self._role(reaction.author)].append((reaction.author, reaction.emoji, count))
            yield from self._reactions(role, waiting, count)
            before = message
        for role in ("user", "assistant"):
            yield from self._reactions(role, waiting, count)

    def _role(self, author: str | None) -> Role:
        return "assistant" if author == self.double else "user"

    def _reactions(
        self, role: Role, waiting: dict[Role, list[tuple[str, str, int]]], count: int
    ) -> Iterator[tuple[Role, str]]:
        """Reactions are written where their author speaks next: exports do not say when they were made."""
        for author, emoji, number in waiting[role]:
            back = count - number + 1
            what = self._escape(emoji, also="] ")
            yield role, self._line(author, f"[reacts {what}]" if back == 1 else f"[reacts {what} to {back}]")
        waiting[role].clear()

    def _line(self, author: str | None, body: str) -> str:
        return body if author == self.double else f"{self._name(author)}: {body}"

    def _name(self, author: str | None) -> str:
        return _shield(self._escape(author or NOBODY, also=":"))

    def _body(self, message: Message, replied: int) -> str:
        reply = [f"[re {replied}]"] if replied > 1 else []
        marks = [*reply, *(self._attachment(item) for item in message.attachments)]
        text = _shield(self._escape(message.text))
        return " ".join([*marks, text] if text else marks)

    def _attachment(self, item: Attachment) -> str:
        # Only a file's name says something to people; the others are numbers that a camera or a site gave.
        named = item.kind == "file" and item.name
        return f"[{item.kind} {self._escape(item.name or '', also=']')}]" if named else f"[{item.kind}]"

    def _escape(self, text: str, also: str = "") -> str:
        escaped = re.sub(rf"([\\\n{re.escape(also)}])", r"\\\1", text)
        return self._control.sub(r"\1\\", escaped) if self._control else escaped


def _shield(text: str) -> str:
    return "\\" + text if text.startswith(("[", " ")) else text


def _pause(before: Message | None, message: Message) -> str | None:
    if before is None or before.time is None or message.time is None:
        return None
    pause = message.time - before.time
    if pause < PAUSE_FROM:
        return None
    return f"[pause {pause.days} d]" if pause.days else f"[pause {pause.seconds // 3600} h]"


def _role_of(line: tuple[Role, str]) -> Role:
    return line[0]


class Reader:
    """Reads one speaker's lines piece by piece, as a model writes them."""

    def __init__(self) -> None:
        self._literal = False
        self._mark: str | None = None  # the open mark, escapes and all
        self._fresh = True  # nothing but marks on this line so far
        self._empty = True  # nothing to send on this line so far
        self._after_mark = False  # a blank that comes now only sets a mark apart

    def feed(self, text: str) -> list[Mark]:
        """What the next characters complete."""
        marks = [mark for character in text for mark in self._step(character)]
        return list(_joined(marks))

    def close(self) -> list[Mark]:
        """What stands when nothing more comes: an open mark is text, an open message ends."""
        return [*self._abandoned(), *self._end()]

    def _step(self, character: str) -> list[Mark]:
        if self._mark is not None:
            return self._in_mark(character)
        if self._literal:
            self._literal = False
            return self._text(character)
        if character == "\\":
            self._literal = True
            return []
        if character == "\n":
            return self._end()
        if character == "[" and self._fresh:
            self._mark = ""
            return []
        if character == " " and self._fresh and self._after_mark:
            return []
        return self._text(character)

    def _text(self, character: str) -> list[Mark]:
        self._fresh = self._empty = False
        return [Text(character)]

    def _in_mark(self, character: str) -> list[Mark]:
        mark = self._mark or ""
        if character == "\n" and not self._literal:
            return [*self._abandoned(), *self._end()]
        if character == "]" and not self._literal:
            self._mark = None
            return self._marked(mark)
        self._literal = character == "\\" and not self._literal
        self._mark = mark + character
        return []

    def _marked(self, mark: str) -> list[Mark]:
        kind, _, rest = mark.partition(" ")
        if kind in _ATTACHMENTS:
            self._empty = False
            self._after_mark = True
            return [Attached(Attachment(kind, _plain(rest) or None))]  # pyright: ignore[reportArgumentType]
        if reply := re.fullmatch(r"re ([1-9]\d{0,3})", mark):
            self._after_mark = True
            return [Replied(int(reply[1]))]
        if reaction := re.fullmatch(r"reacts ((?:\\.|[^\\ ])+)(?: to ([1-9]\d{0,3}))?", mark, re.S):
            return [Reacted(_plain(reaction[1]), int(reaction[2] or 1))]
        return [part for character in f"[{_plain(mark)}]" for part in self._text(character)]

    def _abandoned(self) -> list[Mark]:
        self._literal = False
        if self._mark is None:
            return []
        mark, self._mark = self._mark, None
        return [part for character in "[" + _plain(mark) for part in self._text(character)]

    def _end(self) -> list[Mark]:
        ended: list[Mark] = [] if self._empty else [EndOfMessage()]
        self._fresh = self._empty = True
        self._after_mark = False
        return ended


def read(content: str) -> list[Mark]:
    """Everything in one assistant turn."""
    reader = Reader()
    return list(_joined([*reader.feed(content), *reader.close()]))


def read_others(content: str) -> list[tuple[str, list[Mark]]]:
    """The lines of a user turn with the name that each begins with; pauses and the opening mark are left out."""
    lines = re.findall(r"(?:\\.|[^\\\n])+", content, re.S)
    split = [re.match(r"((?:\\.|[^\\:])*): (.*)", line, re.S) for line in lines if not line.startswith("[")]
    return [(_plain(match[1]), read(match[2])) for match in split if match]


def _plain(text: str) -> str:
    return re.sub(r"\\(.?)", r"\1", text, flags=re.S)


def _joined(marks: list[Mark]) -> Iterator[Mark]:
    for is_text, group in groupby(marks, key=lambda mark: isinstance(mark, Text)):
        if is_text:
            yield Text("".join(mark.text for mark in group if isinstance(mark, Text)))
        else:
            yield from group
