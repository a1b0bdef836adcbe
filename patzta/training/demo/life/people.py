"""Who writes to whom in the invented life: names, habits, and which scenes they play."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from patzta.training.demo.spelling import bare_careless, careless

Style = Callable[[str], str]

OWNER = "Vilém Jestřáb"
FIRST_NAME = "Vilém"


_ASKING = set("what what's where when why who how how's do are is can did will shall should any co kde kdy jak".split())


def neat(text: str) -> str:
    """A capital at the beginning and a sign at the end."""
    if text[-1:].isalnum():
        text += "?" if text.split()[0].lower() in _ASKING else "."
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Friend:
    """Somebody who writes, how, which emoji come along, and the endings that Czech has for a man or a woman."""

    name: str
    style: Style
    emoji: str = ""
    woman: bool = False

    @property
    def endings(self) -> dict[str, list[str]]:
        """What ``{a}`` and ``{y}`` stand for where this friend speaks: ``řekl{a}``, ``mlad{y}``."""
        return {"a": ["a" if self.woman else ""], "y": ["á" if self.woman else "ý"]}


@dataclass(frozen=True, slots=True)
class Thread:
    """One chat: where the export keeps it, who takes part, what they talk about and how much."""

    section: str
    title: str
    friends: tuple[Friend, ...]
    files: tuple[str, ...]
    talks: int
    first_day: int
    last_day: int
    hours: tuple[int, int] = (16, 22)
    part: int = 10_000

    @property
    def is_group(self) -> bool:
        """Whether more than one person besides the owner takes part."""
        return len(self.friends) > 1


_MAREK = Friend("Marek Vrba", bare_careless, "🎸😂")
_JONAS = Friend("Jonáš Peřina", careless, "😂🥁")
_ELISKA = Friend("Eliška Koudelová", careless, "❤😊", woman=True)

DAYS = 1100
THREADS = (
    Thread(
        "inbox",
        "Bára Tichá",
        (Friend("Bára Tichá", careless, "😂❤🙈", woman=True),),
        ("friends",),
        140,
        0,
        DAYS,
        part=600,
    ),
    Thread("inbox", "Marek Vrba", (_MAREK,), ("friends",), 60, 60, DAYS),
    Thread("inbox", "Mama", (Friend("Mama", neat, "❤", woman=True),), ("mama",), 48, 10, DAYS, (9, 21)),
    Thread("inbox", "Aoife Lindqvist", (Friend("Aoife Lindqvist", neat, "😊😂"),), ("english",), 118, 300, DAYS),
    Thread("inbox", "Tomáš Kudrna", (Friend("Tomáš Kudrna", neat),), ("shop",), 24, 200, DAYS, (7, 19)),
    Thread("inbox", "Mokrý Štěrk 🎸", (_MAREK, _JONAS, _ELISKA), ("band",), 34, 40, DAYS),
    Thread(
        "inbox", "Klára Zemanová", (Friend("Klára Zemanová", careless, "😊", woman=True),), ("friends",), 34, 700, DAYS
    ),
    Thread("e2ee_cutover", "Jonáš Peřina", (_JONAS,), ("friends",), 27, 100, 640),
    Thread("archived_threads", "Matteo Brusa", (Friend("Matteo Brusa", careless, "😂"),), ("english",), 31, 500, 900),
)
