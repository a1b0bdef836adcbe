"""``bin/dataset import``: exports into one `conversations.jsonl`, with progress and a report."""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from patzta.chat.conversation import Conversation, write_jsonl
from patzta.dataset.folder import private_file
from patzta.errors import PatztaError
from patzta.importers.owner import Owner
from patzta.importers.reading import FORMATS, Reading, conversations, look
from patzta.importers.run import Run
from patzta.importers.sentences import SentenceData
from patzta.progress import Progress
from patzta.settings import ROOT

OWN_SENTENCES = ROOT / "config" / "sentences.json"


class NothingRead(PatztaError):
    """The inputs are exports, but not one message of them could be read."""

    exit_code = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of ``bin/dataset import``."""
    names = [format_.name for format_ in FORMATS]
    parser.add_argument("exports", nargs="+", type=Path, metavar="EXPORT", help="folders, zips or files")
    parser.add_argument("--out", type=Path, default=Path("data/conversations.jsonl"), help="default: %(default)s")
    parser.add_argument("--me", action="append", default=[], metavar="NAME",
                        help="you; give it several times if you have several names: all become the first")  # fmt: skip
    parser.add_argument("--zone", type=zone, default=None, metavar="ZONE",
                        help="of clocks that name none, such as Europe/Prague (default: this machine's)")  # fmt: skip
    parser.add_argument("--dates", choices=["dmy", "mdy"], help="what 1/2/2024 means, where the file does not show it")
    parser.add_argument("--format", choices=["auto", *names], default="auto", help="default: look at the files")
    parser.add_argument("--sentences", action="append", default=[], type=Path, metavar="FILE",
                        help="more sentences that nobody typed, for your language (docs/dataset.md)")  # fmt: skip
    parser.add_argument("--report", type=Path, metavar="FILE", help="write what was read and what not, as JSON")


def zone(name: str) -> tzinfo:
    """A zone of the IANA database."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise argparse.ArgumentTypeError(f"no zone is called {name!r}; one is Europe/Prague") from error


def run_import(arguments: argparse.Namespace) -> int:
    """0 done, 1 something was skipped and the rest is written, 2 nothing could be read (an exception)."""
    began = time.monotonic()
    own = [OWN_SENTENCES] if OWN_SENTENCES.exists() else []
    local = datetime.now().astimezone().tzinfo
    run = Run(
        me=tuple(arguments.me),
        zone=arguments.zone or _system_zone() or local,  # pyright: ignore[reportArgumentType]
        day_first=arguments.dates and arguments.dates == "dmy",
        sentences=SentenceData([*own, *arguments.sentences]),
    )
    counts = {"format": None, "conversations": 0, "messages": 0}
    try:
        return _import(arguments, run, counts)
    finally:
        seconds = round(time.monotonic() - began, 3)
        errors = [{"path": item.path, "reason": item.reason} for item in run.skipped]
        if arguments.report:
            with private_file(arguments.report) as file:
                file.write(orjson.dumps({**counts, "seconds": seconds, "errors": errors}, option=orjson.OPT_INDENT_2))


def _import(arguments: argparse.Namespace, run: Run, counts: dict[str, Any]) -> int:
    owner = Owner()
    try:
        reading = look(arguments.exports, run, None if arguments.format == "auto" else arguments.format)
        # Nothing here makes cycles; looking for them would take a third of the time.
        gc.disable()
        with private_file(arguments.out) as file:
            write_jsonl(_counted(reading, run, counts, owner), file)
            if not counts["messages"]:
                raise NothingRead("Not one message could be read; the lines above say why")
    finally:
        gc.enable()
        _tell(run)
    counts["format"] = "+".join(sorted(reading.claims))
    _say_whose(arguments, run, owner)
    sys.stdout.write(f"{counts['messages']} messages in {counts['conversations']} conversations: {arguments.out}\n")
    return 1 if run.skipped else 0


def _counted(reading: Reading, run: Run, counts: dict[str, Any], owner: Owner) -> Iterator[Conversation]:
    progress = Progress()
    began = time.monotonic()
    for conversation in conversations(reading, run):
        yield conversation
        owner.see(conversation)
        counts["conversations"] += 1
        counts["messages"] += len(conversation.messages)
        rate = counts["messages"] / max(time.monotonic() - began, 1e-3)
        progress.update(min(reading.done / max(reading.size, 1), 0.999), f"{rate:,.0f} messages a second")
    progress.update(1.0, f"{counts['messages']:,} messages in {time.monotonic() - began:.1f} s")


def _tell(run: Run) -> None:
    for item in run.skipped[:20]:
        _say(f"skipped {item.path}: {item.reason}")
    if len(run.skipped) > 20:
        _say(f"skipped {len(run.skipped) - 20} more; --report FILE lists all")
    for sentence in run.notes:
        _say(sentence)


def _say_whose(arguments: argparse.Namespace, run: Run, owner: Owner) -> None:
    """Say who seems to be the owner, or that the name given is nobody's."""
    if run.me:
        for name in owner.unknown(run.me[:1]):
            _say(f"Nobody in these chats is called {name}; those who wrote most: {', '.join(owner.busiest())}")
        return
    named = list(dict.fromkeys(run.owners.values()))
    me = named[0] if len(named) == 1 else owner.guess()
    if me:
        source = "the export says so" if me in named else f"in all {owner.threads} chats of two and more"
        _say(f"You seem to be {me} ({source}). If so, go on with: "
             f"bin/dataset build {arguments.out} --me {quoted(me)}")  # fmt: skip
    else:
        _say(f"Who you are cannot be told; say so with --me NAME. Those who wrote most: {', '.join(owner.busiest())}")


def quoted(name: str) -> str:
    """For a shell."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _system_zone() -> tzinfo | None:
    """The machine's zone with its rules for summer, which the offset of today would not have."""
    path = Path("/etc/localtime").resolve()
    try:
        with path.open("rb") as file:
            return ZoneInfo.from_file(file, path.name)
    except (OSError, ValueError):
        return None
