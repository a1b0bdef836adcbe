"""What a dataset says about itself: counts, what was left out and why, and what no filter can promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from patzta.dataset.cleaning import SWITCHES

EXAMPLES, LONGEST = 3, 80

WARNING = """\
Filters find what has a form: addresses, numbers with check digits, keys, the texts that you listed. They cannot find
a secret that is told in plain words (an illness, a love, a quarrel), a name that they do not know, a nickname or an
inflected name, a street without a number, a password that looks like a word, or who is meant by “she”. Pictures and
voice messages are not in here. A model can repeat what it was trained on: train on chats only of people who agreed,
leave others out with `--without`, and look through this dataset (`bin/dataset show`) before you train.
"""


@dataclass(slots=True)
class Counts:
    """What a dataset holds, by split, and what was left out or replaced, by reason."""

    windows: dict[str, int] = field(default_factory=dict[str, int])
    own_messages: dict[str, int] = field(default_factory=dict[str, int])
    dropped: Counter[str] = field(default_factory=Counter[str])
    replaced: Counter[str] = field(default_factory=Counter[str])
    leaking: dict[str, int] = field(default_factory=dict[str, int])
    simulated: int = 0
    about: dict[str, str] = field(default_factory=dict[str, str])
    examples: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def drop(self, reason: str, about: str, count: int = 1) -> None:
        """Count messages that were left out."""
        self.dropped[reason] += count
        self.about[reason] = about

    def example(self, reason: str, text: str) -> None:
        """Keep the first few texts; they must be redacted already."""
        kept = self.examples.setdefault(reason, [])
        short = " ".join(text.split())[:LONGEST]
        if short and len(kept) < EXAMPLES and short not in kept:
            kept.append(short)

    def as_json(self) -> dict[str, Any]:
        """For programs: what was left out, replaced and held back."""
        return {
            "windows": self.windows,
            "own_messages": self.own_messages,
            "dropped": dict(sorted(self.dropped.items())),
            "replaced": {kind: count for kind, count in sorted(self.replaced.items()) if count},
            "leaking": self.leaking,
            "simulated": self.simulated,
        }


def card(counts: Counts, settings: Mapping[str, Any]) -> str:
    """The text of `card.md`."""
    return "\n".join(_lines(counts, settings))


def _lines(counts: Counts, settings: Mapping[str, Any]) -> Iterator[str]:
    yield f"# Chats of {settings['double']}\n"
    yield "Sessions from the oldest (train) to the newest (test); long ones are cut into overlapping windows.\n"
    yield "| split | windows | messages of the double |\n|---|---|---|"
    for split, number in counts.windows.items():
        yield f"| {split} | {number} | {counts.own_messages[split]} |"
    if counts.simulated:
        yield f"\n{counts.simulated} of the sessions to train on are simulated."
    leaking = ", ".join(f"{number} from {split}" for split, number in counts.leaking.items())
    yield (
        f"\nSessions taken out because they share eight words in a row, a name or number among them, with what is"
        f" trained on: {leaking}."
    )
    yield "\n## Left out\n"
    yield from _left_out(counts)
    off = [name for name in SWITCHES if name in settings["skip"]]
    yield f"\nSwitched off: {', '.join(off)}." if off else ""
    yield "\n## Replaced by placeholders\n"
    replaced = [f"- {count} {kind}" for kind, count in sorted(counts.replaced.items()) if count]
    yield from replaced or ["- nothing"]
    yield f"\n{WARNING}"
    yield "## Settings\n"
    for key, value in settings.items():
        yield f"- {key}: {value}"
    yield ""


def _left_out(counts: Counts) -> Iterator[str]:
    for reason, number in sorted(counts.dropped.items()):
        yield f"- **{reason}**: {number} messages: {counts.about[reason]}"
        for text in counts.examples.get(reason, ()):
            yield f"    - `{text.replace('`', chr(39))}`"
    if not counts.dropped:
        yield "- nothing"
