"""Small talk of invented people: what the demo's base model learns to chat from.

The scenes stand in ``smalltalk/``. Whoever answers writes plainly: capital letters, full stops, Czech with its
diacritics, so that a double fine-tuned on the base shows. Some answer carelessly, mostly those who are written to in
that way: the base must know how that is done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from patzta.chat.conversation import Attachment, Conversation, Message, Reaction
from patzta.training.demo.grammar import Exchange, Grammar
from patzta.training.demo.spelling import bare, bare_careless, careless
from patzta.training.demo.strangers import strangers

_FOLDER = Path(__file__).parent / "smalltalk"
LANGUAGES = ("czech", "english")
_START = datetime(2021, 3, 1, 17, 0, tzinfo=UTC)
_EMOJI = ("🙂", "😂", "❤", "👍", "😅", "😢", "🎉", "😀", "🙄", "😍")

Style = Callable[[str], str]


def neat(text: str) -> str:
    """The text with a capital at the beginning of each sentence."""
    return re.sub(r"(?:^|(?<=[.!?] ))\w", lambda match: match[0].upper(), text)


_STYLES: tuple[Style, ...] = (neat, neat, careless, bare_careless, bare_careless)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Somebody who takes part."""

    name: str
    style: Style

    def lines(self, parts: list[str], random: Random) -> list[str]:
        """What becomes of a burst: neat writers make sentences of it, in one or two messages."""
        if self.style is not neat:
            return [self.style(part) for part in parts]
        sentences = [neat(part) if part.startswith("<") else _sentence(part) for part in parts]
        text = " ".join(sentence for sentence in sentences if not sentence.startswith("<"))
        marks = [sentence for sentence in sentences if sentence.startswith("<")]
        split = re.split(r"(?<=[.!?]) ", text, maxsplit=1) if random.random() < 0.2 else [text]
        return marks + [part for part in split if part]


def _sentence(part: str) -> str:
    return neat(part if part[-1] in ".!?" or not part[-1].isalnum() else part + ".")


@dataclass(slots=True)
class _Chat:
    """A conversation while it is being written."""

    random: Random
    messages: list[Message] = field(default_factory=list[Message])
    time: datetime = _START

    def play(self, exchange: Exchange, asking: _Writer, answering: _Writer) -> None:
        self._say(asking, exchange.asks)
        self._say(answering, exchange.replies)
        if self.random.random() < 0.04:
            self._react(asking.name, self.random.choice(("❤", "😂", "👍")))

    def _say(self, writer: _Writer, parts: list[str]) -> None:
        for line in writer.lines(parts, self.random):
            if line.startswith("<reacts "):
                self._react(writer.name, line[len("<reacts ") : -1])
            elif line.startswith("<photo>"):
                self._write(writer.name, writer.style(line.removeprefix("<photo>").strip()), (Attachment("photo"),))
            else:
                self._write(writer.name, line)

    def _react(self, author: str, emoji: str) -> None:
        if self.messages:
            self.messages[-1] = replace(self.messages[-1], reactions=(Reaction(author, emoji),))

    def _write(self, author: str, text: str, attachments: tuple[Attachment, ...] = ()) -> None:
        self.time += timedelta(seconds=self.random.randint(2, 90))
        if text and self.random.random() < 0.05:
            text += " " + self.random.choice(_EMOJI)
        self.messages.append(Message(author, self.time, text, attachments=attachments))


def conversations(seed: int) -> Iterator[Conversation]:
    """Conversations without end, the same ones for the same seed; ``participants[-1]`` is the one to learn from."""
    random = Random(seed)
    plain = {language: Grammar.load(_FOLDER / f"{language}.txt") for language in LANGUAGES}
    anybody = {language: strangers(language) for language in LANGUAGES}
    while True:
        language = random.choices(LANGUAGES, (6, 4))[0]
        yield _conversation(random, plain[language], anybody[language])


def _conversation(random: Random, plain: Grammar, anybody: Grammar) -> Conversation:
    *friends, owner = _writers(random, plain)
    chat = _Chat(random)
    for _ in range(random.choices((1, 2, 3), (5, 3, 1))[0]):  # short ones teach most in the same time
        friend = random.choice(friends)
        if random.random() < 0.8:
            _tell(chat, anybody, friend, owner)
        elif random.random() < 0.2:
            _tell(chat, plain, owner, friend)
        else:
            _tell(chat, plain, friend, owner)
    return Conversation("smalltalk", None, tuple(writer.name for writer in (*friends, owner)), tuple(chat.messages))


def _tell(chat: _Chat, grammar: Grammar, asking: _Writer, answering: _Writer) -> None:
    ending = chat.random.choice(({"a": [""], "y": ["ý"]}, {"a": ["a"], "y": ["á"]}))
    for exchange in grammar.draw(chat.random.choice(grammar.scenes), chat.random, ending):
        chat.play(exchange, asking, answering)
    if chat.random.random() < 0.1:
        chat.time += timedelta(hours=chat.random.randint(1, 60))


def _writers(random: Random, grammar: Grammar) -> list[_Writer]:
    """One to three who mostly ask, and last the one who mostly answers."""
    count = random.choices((2, 3, 4), (17, 2, 1))[0]
    firsts = [row[0] for row in random.sample(grammar.lists["first"], count)]
    style = random.choice(_STYLES)
    answer = bare_careless if random.random() < (0.2 if style is neat else 0.6) else neat
    friends = [_Writer(_name(random, first, grammar), style) for first in firsts[1:]]
    return [*friends, _Writer(_name(random, firsts[0], grammar), answer)]


def _name(random: Random, first: str, grammar: Grammar) -> str:
    form = random.random()
    if form < 0.4:
        return f"{first} {random.choice(grammar.lists['last'])[0]}"
    return first if form < 0.85 else bare(first).lower()
