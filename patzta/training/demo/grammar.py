r"""Scenes of talk in plain-text files, and how one is drawn from them.

A file holds lists of words and scenes::

    @food pizza,pizzu; rice,rice          a list; one entry has one or several forms
    # dinner                              a scene
    > What's for dinner?                  somebody asks, one of the lines up to the next answer
    < [Just|Only] {food}. / And you?      the answer, one of the lines; `` / `` parts sub-messages
    > Is {food.1} healthy?                the second round
    < Who cares.

``[a|b]`` is one of the alternatives, ``{food}`` an entry of the list, the same one all through the scene, ``{food.1}``
its second form, ``{food2}`` another entry. ``<photo>`` stands for an attachment, ``<reacts ❤>`` for a reaction to the
line before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([a-z]+)(\d?)(?:\.(\d))?\}")


@dataclass(slots=True)
class Round:
    """Somebody's lines and the answers to them; the draw takes one of each."""

    asks: list[str] = field(default_factory=list[str])
    replies: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Scene:
    """Rounds of talk about one thing."""

    name: str
    rounds: list[Round] = field(default_factory=list[Round])


@dataclass(frozen=True, slots=True)
class Exchange:
    """One drawn round: the sub-messages of both sides."""

    asks: list[str]
    replies: list[str]


class Grammar:
    """The lists and scenes of one or several files."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lists: dict[str, list[list[str]]] = {}
        self.scenes: list[Scene] = []
        for line in lines:
            self._read(line.strip())

    @classmethod
    def load(cls, *paths: Path) -> Grammar:
        """Read files as if they were one."""
        return cls(line for path in paths for line in path.read_text(encoding="utf-8").splitlines())

    def _read(self, line: str) -> None:
        sign, text = line[:1], line[1:].strip()
        if sign == "@":
            name, _, entries = text.partition(" ")
            rows = [[form.strip() for form in entry.split(",")] for entry in entries.split(";")]
            self.lists.setdefault(name, []).extend(rows)
        elif sign == "#":
            self.scenes.append(Scene(text))
        elif sign == ">":
            rounds = self.scenes[-1].rounds
            if not rounds or rounds[-1].replies:
                rounds.append(Round())
            rounds[-1].asks.append(text)
        elif sign == "<":
            self.scenes[-1].rounds[-1].replies.append(text)
        elif line:
            raise ValueError(f"neither a list, a scene nor a line of talk: {line!r}")

    def draw(self, scene: Scene, random: Random, given: Mapping[str, list[str]] | None = None) -> list[Exchange]:
        """One way in which the scene may go; ``given`` slots are filled already."""
        bound = dict(given or {})
        return [
            Exchange(
                self.expand(random.choice(each.asks), random, bound),
                self.expand(random.choice(each.replies), random, bound),
            )
            for each in scene.rounds
        ]

    def expand(self, text: str, random: Random, bound: dict[str, list[str]] | None = None) -> list[str]:
        """The sub-messages that one line gives; ``bound`` remembers what its slots stand for."""
        bound = {} if bound is None else bound
        while (choice := _CHOICE.search(text)) or _SLOT.search(text):
            text = _chosen(text, choice, random) if choice else self._filled(text, random, bound)
        parts = (re.sub(r"\s+", " ", part).strip() for part in text.split(" / "))
        return [part for part in parts if part.strip("/ ")]

    def _filled(self, text: str, random: Random, bound: dict[str, list[str]]) -> str:
        def word(match: re.Match[str]) -> str:
            key = match[1] + match[2]
            if key not in bound:
                taken = list(bound.values())
                bound[key] = random.choice([row for row in self.lists[match[1]] if row not in taken])
            return bound[key][int(match[3] or 0)]

        return _SLOT.sub(word, text)


def _chosen(text: str, choice: re.Match[str], random: Random) -> str:
    return text[: choice.start()] + random.choice(choice[1].split("|")) + text[choice.end() :]
