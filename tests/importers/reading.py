"""Reading exports as `bin/dataset import` does, for tests."""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from patzta.chat.conversation import Conversation
from patzta.importers.owner import Owner
from patzta.importers.reading import conversations, look
from patzta.importers.run import Run

PRAGUE = ZoneInfo("Europe/Prague")


@dataclass
class Imported:
    conversations: list[Conversation]
    run: Run
    formats: set[str]
    guess: str | None

    @property
    def texts(self) -> list[str]:
        """Of the only conversation."""
        [thread] = self.conversations
        return [message.text for message in thread.messages]

    @property
    def kinds(self) -> list[str]:
        [thread] = self.conversations
        return [message.kind for message in thread.messages]

    @property
    def skipped(self) -> list[str]:
        return [item.path for item in self.run.skipped]


def read(*paths: Path, wanted: str | None = None, **settings) -> Imported:
    """Everything in ``paths``; the clock stands in Prague unless ``settings`` (of Run) say otherwise."""
    run = Run(**{"zone": PRAGUE, **settings})
    reading = look(paths, run, wanted)
    owner = Owner()
    found = list(conversations(reading, run))
    for conversation in found:
        owner.see(conversation)
    return Imported(found, run, set(reading.claims), owner.guess())
