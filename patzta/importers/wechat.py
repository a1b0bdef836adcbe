"""WeChat's messages in CSV, as its database tools write them: a file or several for each contact."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from patzta.chat.conversation import Attachment, AttachmentKind, Conversation, Kind, Message
from patzta.importers.files import FAILURES, ExportFile
from patzta.importers.run import ME, Run
from patzta.importers.text import decoded, tidy
from patzta.importers.times import WallClock, by_time

_TYPES: dict[str, AttachmentKind] = {
    "图片": "photo", "视频": "video", "语音": "audio", "动画表情": "sticker", "文件": "file", "位置": "location",
    "卡片式链接": "share", "名片": "contact",
}  # fmt: skip
_TYPED = ("文本", "引用回复")


def recognises(file: ExportFile) -> bool:
    """By the names of the columns."""
    return file.name.lower().endswith(".csv") and b"type_name,is_sender,talker" in file.head()


def read_wechat(files: Sequence[ExportFile], run: Run) -> Iterator[Conversation]:
    """One conversation a folder."""
    chats: defaultdict[str, list[ExportFile]] = defaultdict(list)
    for file in files:
        chats[file.path.rpartition("/")[0] or file.path].append(file)
    for folder, parts in chats.items():
        run.owners.setdefault("wechat", ME)
        clock = WallClock(run.zone)
        messages: dict[str, Message] = {}
        for file in parts:
            undated = 0
            try:
                rows = list(csv.DictReader(io.StringIO(decoded(file.read()), newline="")))
            except (*FAILURES, csv.Error) as error:
                run.skip(file.path, error)
                continue
            for number, row in enumerate(rows):
                if message := _message(row, clock):
                    messages.setdefault(row.get("MsgSvrID") or f"{file.path} {number}", message)
                else:
                    undated += 1
            if undated:
                run.skip(file.path, f"{undated} of its messages have no time")
        ordered = tuple(sorted(messages.values(), key=by_time))
        people = tuple(dict.fromkeys(message.author for message in ordered if message.author))
        yield Conversation("wechat", folder.rpartition("/")[2] or None, people, ordered)


def _message(row: dict[str, str | None], clock: WallClock) -> Message | None:
    time = _time(row.get("CreateTime") or "")
    if time is None:
        return None
    author = ME if row.get("is_sender") == "1" else tidy(row.get("talker") or "") or None
    name = row.get("type_name") or ""
    kind: Kind = "unsent" if "撤回" in name else "message" if name in _TYPED or name in _TYPES else "system"
    attachments = (Attachment(_TYPES[name]),) if name in _TYPES else ()
    text = tidy(row.get("msg") or "") if name in _TYPED else ""
    return Message(author, clock.utc(time), text, kind, attachments, forwarded=row.get("is_forward") in ("1", "True"))


def _time(text: str) -> datetime | None:
    for form in ("%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"):
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007
        except ValueError:
            continue
    return None
