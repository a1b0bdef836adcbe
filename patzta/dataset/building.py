"""``bin/dataset build``: conversations into a dataset folder."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from patzta.chat.conversation import Conversation, read_jsonl
from patzta.dataset.build import SPLITS, build
from patzta.dataset.card import Counts
from patzta.dataset.cleaning import SWITCHES
from patzta.dataset.errors import BrokenConversations
from patzta.dataset.settings import Settings
from patzta.errors import PatztaError
from patzta.importers.owner import Owner
from patzta.importers.reading import conversations, look
from patzta.importers.run import Run

DEFAULT = Settings()


class NobodyNamed(PatztaError):
    """It cannot be told whose double it is to be."""

    exit_code = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of ``bin/dataset build``."""
    add = parser.add_argument
    add("conversations", nargs="+", type=Path, metavar="CONVERSATIONS", help="files that `import` wrote")
    add("--out", type=Path, default=Path("data/datasets/me"), help="the dataset's folder (default: %(default)s)")
    add("--me", action="append", default=[], metavar="NAME", help="whose double; more names become the first")
    add("--gap", type=float, default=DEFAULT.gap_hours, metavar="HOURS",
        help="a pause after which a new talk begins (default: %(default)s)")  # fmt: skip
    add(
        "--max-messages",
        type=int,
        default=DEFAULT.max_messages,
        metavar="N",
        help="of a session (default: %(default)s)",
    )
    add("--max-characters", type=int, default=DEFAULT.max_characters, metavar="N",
        help="longer sessions become several windows (default: %(default)s)")  # fmt: skip
    add("--overlap", type=int, default=DEFAULT.overlap_characters, metavar="N",
        help="characters that a window repeats of the one before (default: %(default)s)")  # fmt: skip
    add("--validation", type=float, default=DEFAULT.validation, metavar="SHARE", help="held out (default: %(default)s)")
    add("--test", type=float, default=DEFAULT.test, metavar="SHARE", help="held out, the newest (default: %(default)s)")
    add("--names", choices=["keep", "pseudonym"], default="keep", help="of other people (default: %(default)s)")
    add("--without", action="append", default=[], metavar="NAME", help="leave this person out")
    add("--only", action="append", default=[], metavar="NAME", help="take only chats with this person")
    add("--skip", action="append", default=[], choices=sorted(SWITCHES), metavar="STEP",
        help=f"switch a cleaning step off: {', '.join(sorted(SWITCHES))}")  # fmt: skip
    add("--longest", type=int, default=DEFAULT.longest, metavar="N",
        help="characters of a message (default: %(default)s)")  # fmt: skip
    add("--overused", type=float, default=DEFAULT.overused_share, metavar="SHARE",
        help="that one message may make up of yours (default: %(default)s)")  # fmt: skip
    add("--languages", type=_codes, default=(), metavar="CODES", help="to learn, such as cs,en (default: all)")
    add("--avoid", action="append", default=[], type=_pattern, metavar="PATTERN",
        help="a regular expression; a placeholder stands for what it matches")  # fmt: skip
    add("--private", type=Path, metavar="FILE", help="texts to replace wherever they stand, one a line")
    add("--region", default=DEFAULT.region, metavar="CODE", help="of phone numbers without +420 (default: %(default)s)")
    add("--simulated", action="append", default=[], type=Path, metavar="FILE",
        help="conversations written by hand (lines such as “User1: hello”), to be trained on only")  # fmt: skip
    add("--copies", type=int, default=DEFAULT.copies, metavar="N", help="of those (default: %(default)s)")
    add("--seed", type=int, default=DEFAULT.seed, metavar="N", help="of what is drawn (default: %(default)s)")


def run_build(arguments: argparse.Namespace) -> int:
    """0 done; exceptions otherwise."""
    threads = [thread for path in arguments.conversations for thread in _read(path)]
    by_hand = [thread for thread in threads if thread.source == "text"]
    threads = [thread for thread in threads if thread.source != "text"]
    double = arguments.me[0] if arguments.me else _owner(threads)
    own = dict.fromkeys(arguments.me[1:], double)
    settings = Settings(
        gap_hours=arguments.gap,
        max_messages=arguments.max_messages,
        max_characters=arguments.max_characters,
        overlap_characters=arguments.overlap,
        validation=arguments.validation,
        test=arguments.test,
        skip=tuple(arguments.skip),
        longest=arguments.longest,
        overused_share=arguments.overused,
        languages=arguments.languages,
        avoid=tuple(arguments.avoid),
        names=arguments.names,
        region=arguments.region,
        without=tuple(arguments.without),
        only=tuple(arguments.only),
        copies=arguments.copies,
        seed=arguments.seed,
    )
    counts = build(
        [thread.renamed(own) for thread in threads] if own else threads,
        double,
        arguments.out,
        settings,
        private=_lines(arguments.private) if arguments.private else (),
        by_hand=[*by_hand, *_simulated(arguments.simulated, double)],
    )
    sys.stdout.write(_summary(counts, arguments.out))
    return 0


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code.strip() for code in text.split(",") if code.strip())


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression ({error})") from error
    return text


def _read(path: Path) -> Iterator[Conversation]:
    try:
        yield from read_jsonl(path)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise BrokenConversations(path, error) from error


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise BrokenConversations(path, error) from error


def _simulated(paths: Sequence[Path], double: str) -> list[Conversation]:
    if not paths:
        return []
    run = Run(me=(double,))
    return list(conversations(look(paths, run, "text"), run))


def _owner(threads: Sequence[Conversation]) -> str:
    """The name in every chat, confirmed where somebody can be asked."""
    owner = Owner()
    for thread in threads:
        owner.see(thread)
    guess = owner.guess()
    if guess and sys.stdin.isatty():
        sys.stderr.write(f"Are you {guess}, who is in all {owner.threads} chats? [Y/n] ")
        sys.stderr.flush()
        guess = None if sys.stdin.readline().strip().lower().startswith("n") else guess
    if not guess:
        raise NobodyNamed(f"Say whose double it is with --me NAME; most was written by {', '.join(owner.busiest())}")
    sys.stderr.write(f"The double is {guess}, who is in all {owner.threads} chats.\n")
    return guess


def _summary(counts: Counts, out: Path) -> str:
    numbers: dict[str, Any] = counts.own_messages
    lines = [f"{split}: {counts.windows[split]} windows, {numbers[split]} messages of the double\n" for split in SPLITS]
    dropped = counts.dropped.total()
    return "".join(
        [*lines, f"{dropped} messages left out, {counts.replaced.total()} places replaced: {out / 'card.md'}\n"]
    )
