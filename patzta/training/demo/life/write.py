"""The invented life in the layout of Messenger's "Download your information"."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from patzta.training.demo.life.messages import Json, beginning, message
from patzta.training.demo.life.people import FIRST_NAME, OWNER, THREADS, Thread
from patzta.training.demo.life.scenes import Telling
from patzta.training.demo.spelling import bare_careless

_ROOT = "your_facebook_activity/messages"
SEED = 24


def export_files(seed: int = SEED) -> Iterator[tuple[str, str]]:
    """Every file of the export: its path inside and its text."""
    for thread in THREADS:
        random = Random(f"{seed} {thread.section} {thread.title}")
        folder = f"{thread.section}/{_slug(thread.title)}_{random.randint(10**14, 10**16)}"
        yield from _thread_files(thread, folder, random)
    owner = {"autofill_information_v2": {"FULL_NAME": [OWNER], "FIRST_NAME": [FIRST_NAME], "COUNTRY": ["cz"]}}
    yield f"{_ROOT}/autofill_information.json", dumps(owner)


def write_export(folder: Path, seed: int = SEED) -> int:
    """Write the export; gives the number of its messages."""
    count = 0
    for path, text in export_files(seed):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="ascii", newline="\n")
        count += text.count('"timestamp_ms"')
    return count


def dumps(data: Json) -> str:
    r"""JSON as the site writes it: UTF-8 bytes as if they were Latin-1, each one a ``\u00xx``."""
    return json.dumps(_mojibake(data), indent=2) + "\n"


def _mojibake(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode().decode("latin-1")
    if isinstance(value, list):
        return [_mojibake(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {key: _mojibake(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return value


def _thread_files(thread: Thread, folder: str, random: Random) -> Iterator[tuple[str, str]]:
    events = [*beginning(thread), *Telling(thread, random).events()]
    newest_first = [message(event, f"{_ROOT}/{folder}", random) for event in events][::-1]
    for part, start in enumerate(range(0, len(newest_first), thread.part), 1):
        yield (
            f"{_ROOT}/{folder}/message_{part}.json",
            dumps(_frame(thread, folder, newest_first[start:][: thread.part])),
        )


def _frame(thread: Thread, folder: str, messages: list[Json]) -> Json:
    names = [*(friend.name for friend in thread.friends), OWNER]
    frame: Json = {
        "participants": [{"name": name} for name in names],
        "messages": messages,
        "title": thread.title,
        "is_still_participant": True,
        "thread_path": folder,
        "magic_words": [],
    }
    return frame | ({"joinable_mode": {"mode": 1, "link": ""}} if thread.is_group else {})


def _slug(title: str) -> str:
    return re.sub("[^a-z]", "", bare_careless(title))
