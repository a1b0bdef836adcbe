"""What a server's text holds beside the double's words: control tokens, and what a model thinks aloud."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from patzta.inference import BrokenModel
from patzta.inference.persona import remedy
from patzta.inference.prompt import plain_marks

THINKING, THOUGHT = "<think>", "</think>"


def added_tokens(folder: Path) -> dict[str, bool]:
    """The control tokens of the model in ``folder``; whether each is a special one, which no words come after.

    Raises BrokenModel.
    """
    file, template = folder / "tokenizer.json", folder / "chat_template.jinja"
    try:
        added: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["added_tokens"]
        tokens = {str(token["content"]): bool(token["special"]) for token in added}
        marks = plain_marks(template.read_text("utf-8")) if template.exists() else ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenModel(file, f"not readable ({error})", remedy(folder)) from error
    return tokens | dict.fromkeys(marks, True)


class Spoken:
    """Takes those out of a text that comes piece by piece; a special one ends it, as it ends a double's turn."""

    def __init__(self, tokens: Mapping[str, bool]) -> None:
        # A tokenizer may have runs of blanks among them, which are text.
        self._ends = {token: special for token, special in tokens.items() if len(token) > 1 and token.strip(" \t\r\n▁")}
        self._ends |= {THINKING: False, THOUGHT: False}
        longest_first = sorted(self._ends, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        self._begun = {token[:length] for token in self._ends for length in range(1, len(token))}
        self._longest = len(longest_first[0])
        self._held = ""
        self._thinking = False
        self.ended = False

    def feed(self, text: str) -> str:
        """What is certain to be the double's words."""
        self._held += text
        said = ""
        while not self.ended and (found := self._pattern.search(self._held)):
            said += self._words(self._held[: found.start()])
            self._held = self._held[found.end() :]
            self._pass(found[0])
        certain = len(self._held) - self._open()
        said += self._words(self._held[:certain])
        self._held = self._held[certain:]
        return said

    def close(self) -> str:
        """What was held back, since it might have become a token."""
        held, self._held = self._held, ""
        return self._words(held)

    def _words(self, text: str) -> str:
        return "" if self._thinking or self.ended else text

    def _pass(self, token: str) -> None:
        if token in {THINKING, THOUGHT}:
            self._thinking = token == THINKING
        elif not self._thinking:
            self.ended = self._ends[token]

    def _open(self) -> int:
        """Characters at the end with which a token may have begun."""
        lengths = range(min(len(self._held), self._longest - 1), 0, -1)
        return next((length for length in lengths if self._held[-length:] in self._begun), 0)
