"""Discord's own data package: only what its owner wrote, without the other side.

package/Messages/index.json                      titles by channel
package/Messages/c<id>/messages.json or .csv     what the owner wrote there
package/Account/user.json                        who the owner is
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from patzta.chat.conversation import Attachment, Conversation, Message
from patzta.importers.files import FAILURES, ExportFile
from patzta.importers.run import ME, Run
from patzta.importers.text import Json, an_object, decoded, objects, parsed, string
from patzta.importers.times import by_time

_MESSAGES = re.compile(r"(?:^|.*/)messages/c?(\d+)/messages\.(?:json|csv)$", re.I)
_INDEX = re.compile(r"(?:^|.*/)messages/index\.json$", re.I)
_USER = re.compile(r"(?:^|.*/)account/user\.json$", re.I)


def recognises(file: ExportFile) -> bool:
    """By the folders."""
    return any(pattern.match(file.path) for pattern in (_MESSAGES, _INDEX, _USER))


def read_package(files: Sequence[ExportFile], run: Run) -> Iterator[Conversation]:
    """One conversation a channel."""
    titles: Json = {}
    owner = ME
    for file in files:
        if _INDEX.match(file.path):
            titles.update(_object(file))
        if _USER.match(file.path):
            user = _object(file)
            owner = string(user.get("global_name")) or string(user.get("username")) or ME
    run.owners.setdefault("discord", owner)
    run.note("Discord's data package holds only your own messages: a double cannot learn from it how you answer")
    for file in files:
        if channel := _MESSAGES.match(file.path):
            try:
                records = _records(file)
            except (*FAILURES, csv.Error) as error:
                run.skip(file.path, error)
                continue
            messages = sorted(_messages(records, owner), key=by_time)
            if missing := len(records) - len(messages):
                run.skip(file.path, f"{missing} of its messages have no time")
            yield Conversation("discord", string(titles.get(channel[1])) or None, (owner,), tuple(messages))


def _object(file: ExportFile) -> Json:
    try:
        return an_object(parsed(file.read()))
    except FAILURES:
        return {}


def _records(file: ExportFile) -> list[Json]:
    if file.name.lower().endswith(".csv"):
        return list(csv.DictReader(io.StringIO(decoded(file.read()), newline="")))
    data = parsed(file.read())
    if not isinstance(data, list):
        raise ValueError("not a list of messages")  # noqa: TRY004
    return objects(data)


def _messages(records: list[Json], owner: str) -> Iterator[Message]:
    for record in records:
        try:
            time = datetime.fromisoformat(record["Timestamp"])
            time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        files = tuple(Attachment("file", url.rpartition("/")[2].partition("?")[0] or None)
                      for url in string(record.get("Attachments")).split())  # fmt: skip
        yield Message(owner, time, string(record.get("Contents")), attachments=files)
