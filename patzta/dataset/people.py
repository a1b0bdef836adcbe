"""Whose words go in: other people can be left out or asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from patzta.chat.conversation import Conversation


@dataclass(frozen=True, slots=True)
class Choice:
    """``without`` are left out; if there are ``only``, everybody else is."""

    double: str
    without: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()

    def takes(self, author: str | None) -> bool:
        """Whether somebody's words may go in."""
        if author == self.double:
            return True
        return author not in self.without and (not self.only or author in self.only)

    def of_thread(self, thread: Conversation) -> Conversation:
        """The thread without the names and reactions of those left out. Their messages are still there."""
        if all(map(self.takes, thread.participants)):
            return thread
        return replace(
            thread,
            title=None,
            participants=tuple(name for name in thread.participants if self.takes(name)),
            messages=tuple(
                replace(message, reactions=tuple(item for item in message.reactions if self.takes(item.author)))
                for message in thread.messages
            ),
        )
