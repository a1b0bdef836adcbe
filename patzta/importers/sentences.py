"""Sentences in Messenger exports that nobody typed: notices, calls, placeholders for attachments.

`sentences.json` lists them by meaning, in English and Czech. A sentence matches as a whole. In it `{any}` stands for
anything on one line, `{a}` for the ending of a Czech verb (-l, -la, -l(a), -li), and `{actor}` for who did it.
"""

import json
import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from patzta.chat.conversation import AttachmentKind, Kind

_SLOTS = {"{actor}": r"(?P<actor>[^\n.!?]{1,60}?)", "{any}": r"[^\n]*?", "{a}": r"(?:a|\(a\)|i|y|o)?"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a sentence stands for; a placeholder is a ``message`` that has an ``attachment``."""

    kind: Kind
    attachment: AttachmentKind | None = None


class Sentences:
    """The known sentences, compiled."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._not_names = frozenset(data["not_names"])
        kinds: tuple[Kind, ...] = ("call", "unsent", "system")
        meanings = [
            *((text, Meaning("message", kind)) for kind, texts in data["attachment"].items() for text in texts),
            *((text, Meaning(kind)) for kind in kinds for text in data[kind]),
        ]
        # By a word that each must contain: what people type has nearly never one of them.
        self._by_word: defaultdict[str, list[tuple[re.Pattern[str], Meaning]]] = defaultdict(list)
        for text, meaning in meanings:
            self._by_word[_telling_word(text)].append((re.compile(_pattern(text)), meaning))

    def meaning(self, text: str, sender: str | None, others: Collection[str] = ()) -> Meaning | None:
        """What ``text`` stands for if it is one of the sentences, else None: then ``sender`` typed it.

        Notices are filed under whoever did the thing, so one about somebody among the ``others`` was typed.
        """
        if len(text) > 300:
            return None
        for word in sorted(self._by_word.keys() & text.split()):
            for pattern, meaning in self._by_word[word]:
                match = pattern.fullmatch(text)
                if match and self._acted(match.groupdict().get("actor"), sender, others):
                    return meaning
        return None

    def _acted(self, actor: str | None, sender: str | None, others: Collection[str]) -> bool:
        if actor is None or actor in _names(sender or ""):
            return True
        if actor in self._not_names or any(actor in _names(other) for other in others):
            return False
        return not actor[0].islower()  # a nickname, or "You"


@cache
def known_sentences() -> Sentences:
    """Those of `sentences.json`."""
    return Sentences(json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8")))


def _telling_word(sentence: str) -> str:
    return max((word for word in sentence.split() if "{" not in word), key=len)


def _pattern(sentence: str) -> str:
    parts = re.split(r"(\{\w+\})", sentence)
    return "".join(_SLOTS.get(part) or re.escape(part) for part in parts) + " ?"


@cache
def _names(name: str) -> frozenset[str]:
    return frozenset({name, *name.split()})
