"""What one run of importing knows and collects."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from patzta.importers.sentences import SentenceData

ME = "Me"
"""The name of the owner in formats that mark own messages without naming anybody."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that could not be read, and why; the rest of the export was. ``path`` is as inside the export."""

    path: str
    reason: str


@dataclass(slots=True)
class Run:
    """The settings that formats leave open, and what their importers found beside conversations.

    Attributes:
        me: the names of the owner, the first one being what all of them become.
        zone: of wall-clock times that name none.
        day_first: whether 1/2/2024 is in February; None where the file itself has to tell.
        sentences: what nobody typed, by format.
        owners: whose account an export is, by source, where the export says so.
        notes: sentences for the user, each said once.
    """

    me: tuple[str, ...] = ()
    zone: tzinfo = UTC
    day_first: bool | None = None
    sentences: SentenceData = field(default_factory=SentenceData)
    skipped: list[Skipped] = field(default_factory=list[Skipped])
    owners: dict[str, str] = field(default_factory=dict[str, str])
    notes: dict[str, None] = field(default_factory=dict[str, None])

    def skip(self, path: str, reason: str | BaseException) -> None:
        """Report ``path`` as not read, or not whole."""
        text = reason if isinstance(reason, str) else f"{type(reason).__name__}: {reason}"
        self.skipped.append(Skipped(path, " ".join(text.split())[:300]))

    def note(self, sentence: str) -> None:
        """Tell the user something that is no failure."""
        self.notes[sentence] = None
