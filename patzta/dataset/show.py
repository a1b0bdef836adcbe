"""``bin/dataset show``: look at a dataset, in a page or in the terminal."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from patzta.chat.conversation import Conversation
from patzta.chat.placeholders import PLACEHOLDER
from patzta.chat.transcript import PAUSE_FROM
from patzta.dataset.build import SPLITS, double_of
from patzta.dataset.folder import private_file
from patzta.dataset.page import page
from patzta.dataset.statistics import Statistics, read_split, statistics
from patzta.errors import PatztaError
from patzta.training.estimate import estimate, tokens

BASES = (1.5, 3, 8)
"""Billions of parameters."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of ``bin/dataset show``."""
    parser.add_argument("dataset", type=Path, help="a folder that `build` made")
    parser.add_argument("--split", choices=SPLITS, default="train", help="whose chats to show (default: %(default)s)")
    parser.add_argument("--count", type=int, default=40, metavar="N", help="how many chats (default: %(default)s)")
    parser.add_argument("--from", type=int, default=0, dest="start", metavar="N", help="leave out the first N of them")
    parser.add_argument("--terminal", action="store_true", help="show them here instead of writing a page")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the page (default: show.html in the dataset)")


def run_show(arguments: argparse.Namespace) -> int:
    """0 done; exceptions otherwise."""
    dataset: Path = arguments.dataset
    double = double_of(dataset)
    chats = list(islice(read_split(dataset, arguments.split), arguments.start, arguments.start + arguments.count))
    found = statistics((session for split in SPLITS for session in read_split(dataset, split)), double)
    training = sum(len(message.text) + 8 for session in read_split(dataset, "train") for message in session.messages)
    if arguments.terminal:
        sys.stdout.writelines(f"{line}\n" for line in _terminal(chats, double, found, training))
        return 0
    out: Path = arguments.out or dataset / "show.html"
    with private_file(out) as file:
        dropped = _dropped(dataset)
        file.write(page(double, arguments.split, chats, found, dropped, _training(training)).encode())
    sys.stdout.write(f"{out.resolve().as_uri()}\n")
    return 0


def _dropped(dataset: Path) -> dict[str, Any]:
    try:
        return json.loads((dataset / "dropped.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise PatztaError(f"{dataset / 'dropped.json'} cannot be read ({error}); build the dataset again") from error


def _training(characters: int) -> list[str]:
    count = tokens(characters)
    found = [estimate(count, billions) for billions in BASES]
    return [
        f"About {count:,} tokens to train on. By published figures, two epochs of QLoRA on one RTX 4090 take:",
        *(f"{one.billions:g} billion parameters: {one.memory:.1f} GiB, {_hours(one.hours)}" for one in found),
    ]


def _hours(hours: float) -> str:
    return f"{hours:.1f} h" if hours >= 1 else f"{max(1, round(hours * 60))} min"


def _terminal(chats: list[Conversation], double: str, found: Statistics, training: int) -> Iterator[str]:
    live = sys.stdout.isatty()
    for session in chats:
        yield "\u2500" * 60
        yield from _chat(session, double, live)
    yield "\u2500" * 60
    yield f"{found.sessions} windows, {found.people.total()} messages, {found.people[double]} of {double}"
    yield f"emoji: {'  '.join(f'{emoji} {count}' for emoji, count in found.emoji.most_common(10))}"
    yield f"languages: {', '.join(f'{code} {count}' for code, count in found.languages.most_common(6))}"
    yield from _training(training)


def _chat(session: Conversation, double: str, live: bool) -> Iterator[str]:
    before = None
    for message in session.messages:
        if before and message.time and message.time - before >= PAUSE_FROM:
            yield f"      \u00b7 {message.time - before} \u00b7"
        before = message.time or before
        mine = message.author == double
        parts = [f"[{item.kind}]" for item in message.attachments]
        text = " ".join([*parts, message.text]).strip() + "".join(f"  {item.emoji}" for item in message.reactions)
        who = "" if mine else f"{message.author or '?'}: "
        for line in _harmless(who + text).split("\n"):
            shown = PLACEHOLDER.sub(lambda match: f"\x1b[7m{match[0]}\x1b[27m", line) if live else line
            yield f"{'':>24}{shown}" if mine else shown


def _harmless(text: str) -> str:
    """Without what a terminal would obey."""
    return "".join(character for character in text if character.isprintable() or character == "\n")
