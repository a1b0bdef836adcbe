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


def _bare_neat(text: str) -> str:
    return neat(bare(text))


_STYLES: tuple[Style, ...] = (neat, neat, careless, bare_careless, bare_careless, _bare_neat, str)
_CARELESS = (careless, bare_careless)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Somebody who takes part. ``slang`` is where the fillers stand that a careless one strews in."""

    name: str
    style: Style
    slang: Grammar | None = None

    def lines(self, part: str, random: Random) -> list[str]:
        """What becomes of one sub-message: a careless writer sends its sentences one by one."""
        pieces = re.split(r"(?<=[.!?]) ", part) if self.slang else _split_at_times(part, random)
        pieces = [self.style(piece) for piece in pieces]
        if self.slang and not part.startswith("<"):
            if random.random() < 0.25:
                pieces.insert(0, random.choice(self.slang.lists["opener"])[0])
            if random.random() < 0.25:
                pieces[-1] += " " + random.choice(self.slang.lists["tail"])[0]
        return pieces


def _split_at_times(part: str, random: Random) -> list[str]:
    return re.split(r"(?<=[.!?]) ", part, maxsplit=1) if random.random() < 0.2 else [part]


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
        for part in parts:
            if part.startswith("<reacts "):
                self._react(writer.name, part[len("<reacts ") : -1])
            elif part.startswith("<photo>"):
                self._write(writer.name, writer.style(part.removeprefix("<photo>").strip()), (Attachment("photo"),))
            else:
                for line in writer.lines(part, self.random):
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
    slangy = {language: strangers(language) for language in LANGUAGES}
    while True:
        language = random.choices(LANGUAGES, (6, 4))[0]
        yield _conversation(random, plain[language], slangy[language])


def _conversation(random: Random, plain: Grammar, slangy: Grammar) -> Conversation:
    *friends, owner = _writers(random, plain)
    chat = _Chat(random)
    for _ in range(_length(random)):
        friend = random.choice(friends)
        if owner.slang and random.random() < 0.7:
            _tell(chat, slangy, friend, replace(owner, slang=None))
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


def _length(random: Random) -> int:
    """Scenes in a conversation: mostly few, now and then enough to fill a long context."""
    return random.randint(15, 30) if random.random() < 0.02 else random.choices((1, 2, 3, 5), (4, 4, 3, 1))[0]


def _writers(random: Random, grammar: Grammar) -> list[_Writer]:
    """One to three who mostly ask, and last the one who mostly answers."""
    count = random.choices((2, 3, 4), (17, 2, 1))[0]
    firsts = [row[0] for row in random.sample(grammar.lists["first"], count)]
    style = random.choice(_STYLES)
    answer = bare_careless if random.random() < (0.75 if style in _CARELESS else 0.2) else neat
    slangs = [grammar if each in _CARELESS else None for each in (style, answer)]
    friends = [_Writer(_name(random, first, grammar), style, slangs[0]) for first in firsts[1:]]
    return [*friends, _Writer(_name(random, firsts[0], grammar), answer, slangs[1])]


def _name(random: Random, first: str, grammar: Grammar) -> str:
    form = random.random()
    if form < 0.4:
        return f"{first} {random.choice(grammar.lists['last'])[0]}"
    return first if form < 0.85 else bare(first).lower()
