"""Whose chats they are: the name that stands in all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from patzta.chat.conversation import Conversation


class Owner:
    """Collects who takes part, one conversation at a time."""

    def __init__(self) -> None:
        self.threads = 0
        self._in: Counter[str] = Counter()
        self._wrote: Counter[str] = Counter()

    def see(self, conversation: Conversation) -> None:
        """Count it. Written-up conversations and such as have one participant tell nothing."""
        if len(conversation.participants) > 1 and conversation.source != "text":
            self.threads += 1
            self._in.update(set(conversation.participants))
        self._wrote.update(message.author for message in conversation.messages if message.author)

    def guess(self) -> str | None:
        """The one name in every thread; None if no or several names are."""
        everywhere = [name for name, count in self._in.items() if count == self.threads]
        return everywhere[0] if len(everywhere) == 1 else None

    def busiest(self) -> list[str]:
        """Those who wrote most."""
        return [name for name, _ in self._wrote.most_common(5)]

    def unknown(self, names: Iterable[str]) -> list[str]:
        """Those of ``names`` who wrote nothing and are in no thread."""
        return [name for name in names if name not in self._in and name not in self._wrote]
