"""The scenes of the invented life, told of anybody: what only he is, has or likes becomes a slot.

Answers in a careless style are learnt from them without one fact about him. ``smalltalk/strangers_*.txt`` hold the
lists and, after ``=``, words and what stands in their place: ``= bass drums : {tune}``.
"""

from __future__ import annotations

import re
from pathlib import Path

from patzta.training.demo.grammar import Grammar

_FOLDER = Path(__file__).parent
_LIFE = {"czech": "friends", "english": "english"}


class _Replacing:
    """Puts a slot in the place of each known word."""

    def __init__(self, rules: list[str]) -> None:
        parted = [rule.partition(" : ") for rule in rules]
        self._slots = {word: slot.strip() for words, _, slot in parted for word in words.split()}
        known = "|".join(sorted(map(re.escape, self._slots), key=len, reverse=True))
        self._pattern = re.compile(rf"(?<![\w{{@])(?:{known})(?!\w)", re.IGNORECASE)

    def __call__(self, line: str) -> str:
        text = self._pattern.sub(lambda match: self._slots[match[0].lower()], line)
        return re.sub(r"(\{\w+\})(?: \1)+", r"\1", text)


def strangers(language: str) -> Grammar:
    """The scenes with their lists; ``{a}`` and ``{y}`` in Czech ones are for the caller to give."""
    own = _lines(_FOLDER / "smalltalk" / f"strangers_{language}.txt")
    replaced = _Replacing([line[1:] for line in own if line.startswith("=")])
    lists = [*_lines(_FOLDER / "smalltalk" / f"{language}.txt"), *own]
    life = _lines(_FOLDER / "life" / f"{_LIFE[language]}.txt")
    told = [line if line.startswith("#") else replaced(line) for line in life]
    return Grammar([*(line for line in lists if line.startswith("@")), *told])


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
