"""What every importer gives back."""

from dataclasses import dataclass
from pathlib import Path

from patzta.chat.conversation import Conversation


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that could not be read, and why; the rest of the export was."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """The threads of an export; ``owner`` is whose account it was, None where that cannot be told."""

    conversations: tuple[Conversation, ...]
    skipped: tuple[Skipped, ...]
    owner: str | None
