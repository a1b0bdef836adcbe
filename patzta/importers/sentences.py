"""Sentences in exports that nobody typed: notices, calls, placeholders for attachments.

`sentences.json` lists them by format and meaning; a user adds those of another language in a file of the same form. A
sentence matches as a whole. In it `{any}` stands for anything on one line, `{a}` for the ending of a Czech verb (-l,
-la, -l(a), -li), `{file}` for a file name, and `{actor}` for who did it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast, get_args

from patzta.chat.conversation import AttachmentKind, Kind
from patzta.importers.errors import BadSentences
from patzta.importers.text import an_object, string

BUILT_IN = Path(__file__).with_suffix(".json")

_KINDS: tuple[Kind, ...] = ("call", "unsent", "system")
_MEANINGS = frozenset({*_KINDS, "not_names", "attachment", "attached", "edited"})
_SLOTS = {
    "{actor}": r"(?P<actor>[^\n.!?]{1,60}?)",
    "{any}": r"[^\n]*?",
    "{a}": r"(?:a|\(a\)|i|y|o)?",
    "{file}": r"(?P<file>[^\n<>]{1,200}?\.\w{1,5})",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a sentence stands for; a placeholder is a ``message`` that has an ``attachment``."""

    kind: Kind
    attachment: AttachmentKind | None = None


class Sentences:
    """The known sentences of one format, compiled."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._not_names = frozenset(data.get("not_names", ()))
        meanings = [
            *((text, Meaning("message", kind)) for kind, texts in data.get("attachment", {}).items() for text in texts),
            *((text, Meaning(kind)) for kind in _KINDS for text in data.get(kind, ())),
        ]
        # By a word that each must contain: what people type has nearly never one of them.
        self._by_word: defaultdict[str, list[tuple[re.Pattern[str], Meaning]]] = defaultdict(list)
        for text, meaning in meanings:
            self._by_word[_telling_word(text)].append((re.compile(_pattern(text)), meaning))
        self._words = frozenset(self._by_word)
        self.attached = [re.compile(_pattern(text), re.M) for text in data.get("attached", ())]
        self.edited = tuple(data.get("edited", ()))

    def meaning(self, text: str, sender: str | None, others: Collection[str] = ()) -> Meaning | None:
        """What ``text`` stands for if it is one of the sentences, else None: then ``sender`` typed it.

        Notices are filed under whoever did the thing, so one about somebody among the ``others`` was typed.
        """
        if len(text) > 300 or self._words.isdisjoint(words := text.split()):
            return None
        for word in sorted(self._words.intersection(words)):
            for pattern, meaning in self._by_word[word]:
                match = pattern.fullmatch(text)
                if match and self._acted(match.groupdict().get("actor"), sender, others):
                    return meaning
        return None

    def _acted(self, actor: str | None, sender: str | None, others: Collection[str]) -> bool:
        if actor is None or actor in _names(sender or ""):
            return True
        if actor in self._not_names or any(actor != sender and actor in _names(other) for other in others):
            return False
        return not actor[0].islower()  # a nickname, or "You"


class SentenceData:
    """The sentences of all formats: those that come with patzta and those in the files of a user.

    Raises BadSentences.
    """

    def __init__(self, more: Sequence[Path] = ()) -> None:
        self._files = [_checked(path) for path in (BUILT_IN, *more)]
        self._compiled: dict[str, Sentences] = {}

    def of(self, name: str) -> Sentences:
        """Those of a format."""
        if name not in self._compiled:
            self._compiled[name] = Sentences(_united(file.get(name, {}) for file in self._files))
        return self._compiled[name]


def _checked(path: Path) -> dict[str, dict[str, Any]]:
    try:
        data: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadSentences(path, f"not readable ({error})") from error
    formats = [an_object(format_) for format_ in an_object(data).values()]
    if not formats or not all(formats):
        raise BadSentences(path, "it must be an object of objects, by format and meaning")
    for key in {key for format_ in formats for key in format_} - _MEANINGS:
        raise BadSentences(path, f"no meaning is called “{key}”; there are {', '.join(sorted(_MEANINGS))}")
    for format_ in formats:
        _check_lists(path, {**format_, **an_object(format_.get("attachment"))})
    return an_object(data)


def _check_lists(path: Path, meanings: dict[str, Any]) -> None:
    for key, texts in meanings.items():
        if key == "attachment":
            if unknown := set(an_object(texts)) - set(get_args(AttachmentKind)):
                raise BadSentences(path, f"no attachment is called “{unknown.pop()}”")
        elif not isinstance(texts, list) or not all(string(text).split() for text in cast(list[Any], texts)):
            raise BadSentences(path, f"“{key}” must be a list of sentences")


def _united(files: Iterable[dict[str, Any]]) -> dict[str, Any]:
    united: dict[str, Any] = {}
    for file in files:
        for key, value in file.items():
            united[key] = (
                _united([united.get(key, {}), value]) if key == "attachment" else [*united.get(key, ()), *value]
            )
    return united


def _telling_word(sentence: str) -> str:
    words = [word for word in sentence.split() if "{" not in word]
    return max(words or sentence.split(), key=len)


def _pattern(sentence: str) -> str:
    parts = re.split(r"(\{\w+\})", sentence)
    return "".join(_SLOTS.get(part) or re.escape(part) for part in parts) + " ?"


@cache
def _names(name: str) -> frozenset[str]:
    return frozenset({name, *name.split()})
