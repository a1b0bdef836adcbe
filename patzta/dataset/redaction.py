"""Texts with placeholders where something must not be learned, numbered within a conversation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from patzta.chat.conversation import Conversation, Message
from patzta.chat.placeholders import LINK, links, named, plain_brackets, replaced
from patzta.dataset.personal import Finder, find


class Redaction:
    """Replaces personal data (``finders``) and what is to be avoided: links and ``patterns``.

    ``counts`` tells how often each kind was replaced.
    """

    def __init__(
        self, finders: dict[str, Finder], *, avoid: bool = True, patterns: Sequence[re.Pattern[str]] = ()
    ) -> None:
        self._finders, self._avoid, self._patterns = finders, avoid, patterns
        self.counts: Counter[str] = Counter()

    def of_thread(self, thread: Conversation) -> Conversation:
        """The same thing of a kind has the same number in all of the thread."""
        numbers: dict[tuple[str, str], int] = {}
        return replace(thread, messages=tuple(self._of_message(message, numbers) for message in thread.messages))

    def _of_message(self, message: Message, numbers: dict[tuple[str, str], int]) -> Message:
        text = self._of_text(message.text, numbers)
        return message if text is message.text else replace(message, text=text)

    def _of_text(self, text: str, numbers: dict[tuple[str, str], int]) -> str:
        text = plain_brackets(text)
        spans = [(start, end, LINK) for start, end in self._avoided(text)]
        self.counts["link"] += len(spans)
        for pattern in self._patterns:
            found = [match.span() for match in pattern.finditer(text) if match[0] and not _inside(match.span(), spans)]
            spans += [(start, end, named("avoided")) for start, end in found]
            self.counts["avoided"] += len(found)
        for start, end, kind in find(text, self._finders):
            if not _inside((start, end), spans):
                self.counts[kind] += 1
                key = kind, re.sub(r"[\W_]", "", text[start:end]).casefold()
                number = numbers.setdefault(key, 1 + sum(other == kind for other, _ in numbers))
                spans.append((start, end, named(kind, number)))
        return replaced(text, spans) if spans else text

    def _avoided(self, text: str) -> list[tuple[int, int]]:
        return links(text) if self._avoid else []


def _inside(span: tuple[int, int], spans: Sequence[tuple[int, int, str]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end, _ in spans)
