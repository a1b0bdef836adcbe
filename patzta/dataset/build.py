"""Build a dataset folder from conversations; the same conversations and settings give the same bytes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from patzta.chat.conversation import SESSION_GAP, Conversation, write_jsonl
from patzta.dataset.errors import BrokenDataset, NothingToLearn
from patzta.dataset.folder import whole_folder
from patzta.dataset.sessions import cleaned, own_sessions, split_by_time, windows

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Counts:
    """What a dataset holds, by split, and what was left out, by reason."""

    windows: dict[str, int]
    own_messages: dict[str, int]
    dropped: dict[str, int]


def build(
    conversations: Iterable[Conversation],
    double: str,
    out: Path,
    *,
    gap: timedelta = SESSION_GAP,
    max_characters: int = 8000,
    overlap_characters: int = 1000,
    validation: float = 0.05,
    test: float = 0.05,
) -> Counts:
    """Write the dataset folder ``out``, replacing what was there.

    Sessions over ``max_characters`` become windows that share ``overlap_characters``. ``validation`` and ``test`` are
    shares of the sessions, the newest ones. Raises NothingToLearn if ``double`` wrote nothing.
    """
    dropped: Counter[str] = Counter()
    authors: set[str] = set()
    sessions: list[Conversation] = []
    for thread in conversations:
        authors.update(message.author for message in thread.messages if message.author)
        sessions.extend(own_sessions(cleaned(thread, double, dropped), double, gap, dropped))
    if not sessions:
        raise NothingToLearn(double, authors)
    parts = dict(zip(SPLITS, split_by_time(sessions, validation, test), strict=True))
    cut = {
        split: [window for session in part for window in windows(session, double, max_characters, overlap_characters)]
        for split, part in parts.items()
    }
    counts = Counts(
        {split: len(part) for split, part in cut.items()},
        {split: _written_by(double, part) for split, part in parts.items()},
        dict(sorted(dropped.items())),
    )
    settings = {
        "double": double,
        "session_gap_hours": gap / timedelta(hours=1),
        "max_characters": max_characters,
        "overlap_characters": overlap_characters,
        "validation": validation,
        "test": test,
    }
    with whole_folder(out) as folder:
        for split, part in cut.items():
            with (folder / f"{split}.jsonl").open("wb") as file:
                write_jsonl(part, file)
        (folder / "settings.json").write_text(json.dumps(settings, ensure_ascii=False, indent=2) + "\n", "utf-8")
        (folder / "card.md").write_text(_card(counts, settings), "utf-8")
    return counts


def double_of(dataset: Path) -> str:
    """Whose double a dataset folder is for. Raises BrokenDataset."""
    path = dataset / "settings.json"
    try:
        double = json.loads(path.read_text("utf-8"))["double"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenDataset(path, f"not readable ({error})") from error
    if not isinstance(double, str):
        raise BrokenDataset(path, "“double” is not a name")
    return double


def _written_by(double: str, sessions: Iterable[Conversation]) -> int:
    return sum(message.author == double for session in sessions for message in session.messages)


def _card(counts: Counts, settings: dict[str, Any]) -> str:
    rows = [f"| {split} | {counts.windows[split]} | {counts.own_messages[split]} |" for split in SPLITS]
    dropped = [f"- {number} {reason}" for reason, number in counts.dropped.items()] or ["- nothing"]
    return "\n".join(
        [
            f"# Chats of {settings['double']}",
            "",
            "Sessions from the oldest (train) to the newest (test); long ones are cut into overlapping windows.",
            "",
            "| split | windows | messages of the double |",
            "|---|---|---|",
            *rows,
            "",
            "## Left out",
            "",
            *dropped,
            "",
            "## Settings",
            "",
            *(f"- {key}: {value}" for key, value in settings.items()),
            "",
        ]
    )
