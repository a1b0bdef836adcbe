"""What happens in a thread: talks on certain evenings, told as events with a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from patzta.training.demo.grammar import Exchange, Grammar, Scene
from patzta.training.demo.life.people import OWNER, Friend, Style, Thread

_FOLDER = Path(__file__).parent
BEGIN = datetime(2021, 9, 6, tzinfo=UTC)
"""When the first thread may begin."""
_EXTRAS = ("call", "missed", "sticker", "gif", "audio", "share", "unsent", "attachment")


@dataclass(slots=True)
class Event:
    """One message, or one thing that stands among the messages. ``kind`` says which, ``to`` whom a call reaches."""

    author: str
    time: datetime
    text: str = ""
    kind: str = "text"
    to: str = ""
    reactions: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def plain(text: str) -> str:
    """The owner's lines stand in the files as he writes them."""
    return text


class Telling:
    """Tells one thread's events, oldest first."""

    def __init__(self, thread: Thread, random: Random) -> None:
        self._thread = thread
        self._random = random
        self._grammar = Grammar.load(*(_FOLDER / f"{name}.txt" for name in thread.files))
        self._events: list[Event] = []
        self._time = BEGIN

    def events(self) -> list[Event]:
        """All events of the thread."""
        scenes = self._scenes()
        for day in self._days():
            begin = BEGIN + timedelta(
                days=day, minutes=self._random.randint(*(60 * hour for hour in self._thread.hours))
            )
            self._time = max(begin, self._time + timedelta(minutes=90))
            for _ in range(self._random.choices((1, 2, 3), (3, 4, 2))[0]):
                self._talk(next(scenes))
            if self._random.random() < 0.3:
                self._extra(self._random.choice(_EXTRAS))
        return self._events

    def _days(self) -> list[int]:
        first, last = self._thread.first_day, self._thread.last_day
        return sorted(self._random.randint(first, last) for _ in range(self._thread.talks))

    def _scenes(self) -> Iterator[Scene]:
        """Every scene comes up again before any comes up twice more."""
        while True:
            order = list(self._grammar.scenes)
            self._random.shuffle(order)
            yield from order

    def _talk(self, scene: Scene) -> None:
        friend = self._random.choice(self._thread.friends)
        for number, exchange in enumerate(self._grammar.draw(scene, self._random, friend.endings)):
            if number and self._random.random() < 0.12:
                return
            self._exchange(friend if number == 0 else self._random.choice(self._thread.friends), exchange)

    def _exchange(self, friend: Friend, exchange: Exchange) -> None:
        self._wait(40, 400)
        self._say(friend.name, exchange.asks, lambda text: self._decorated(friend.style(text), friend))
        self._wait(15, 240)
        self._say(OWNER, exchange.replies, plain)
        if self._random.random() < 0.1:
            self._react(friend.name, self._random.choice("❤😂"))

    def _decorated(self, part: str, friend: Friend) -> str:
        chance = self._random.random()
        return f"{part} {self._random.choice(friend.emoji)}" if friend.emoji and chance < 0.12 else part

    def _say(self, author: str, parts: list[str], style: Style) -> None:
        for part in parts:
            if part.startswith("<reacts "):
                self._react(author, part[len("<reacts ") : -1])
            elif part.startswith("<photo>"):
                self._add(author, kind="photo")
            else:
                self._add(author, style(part))
            self._wait(2, 14)

    def _wait(self, least: int, most: int) -> None:
        self._time += timedelta(milliseconds=self._random.randint(least * 1000, most * 1000))

    def _add(self, author: str, text: str = "", kind: str = "text") -> None:
        self._events.append(Event(author, self._time, text, kind))

    def _react(self, author: str, emoji: str) -> None:
        if not self._events or self._events[-1].author == author:
            return
        self._events[-1].reactions.append((emoji, author))
        if author != OWNER and self._random.random() < 0.4:
            self._wait(1, 5)
            self._add(author, f"Reacted {emoji} to your message ", "notice")

    def _extra(self, kind: str) -> None:
        self._wait(300, 2400)
        author = self._random.choice([friend.name for friend in self._thread.friends] + [OWNER])
        self._add(author, kind=kind)
        self._events[-1].to = self._thread.friends[0].name.split()[0]
