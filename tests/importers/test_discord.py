"""Discord's data package, and DiscordChatExporter."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from patzta.chat.conversation import Attachment, Reaction
from tests.importers.reading import read

BARA = {"id": "2", "name": "bara", "nickname": "Bára", "isBot": False}
ME = {"id": "1", "name": "vilem", "nickname": "Vilém", "isBot": False}


def said(number: int, content: str = "x", author: Any = BARA, **more: Any) -> dict[str, Any]:
    stamp = f"2024-05-01T12:00:{number:02d}+02:00"
    return {"id": str(number), "type": "Default", "timestamp": stamp, "content": content, "author": author, **more}


def exported(folder: Path, *messages: dict[str, Any], name: str = "a.json", channel: str = "7") -> Path:
    data = {"guild": {"id": "0", "name": "Direct Messages"}, "channel": {"id": channel, "name": "bara"}}
    path = folder / name
    path.write_text(json.dumps({**data, "messages": list(messages)}, indent=2, ensure_ascii=False))
    return path


def test_the_exporter(tmp_path: Path) -> None:
    hearts = {"emoji": {"id": "", "name": "❤"}, "count": 1, "users": [ME]}
    custom = {"emoji": {"id": "5", "name": "kekw"}, "count": 1, "users": [ME]}
    imported = read(
        exported(
            tmp_path,
            said(1, "ahoj", reactions=[hearts, custom, {"emoji": {"name": "👍"}, "count": 3}]),
            said(2, "jo", ME, type="Reply", reference={"messageId": "1"}, timestampEdited="2024-05-01T13:00:00+00:00"),
            said(3, "Started a call that lasted 12 minutes.", type="Call"),
            said(4, "Pinned a message.", type="ChannelPinnedMessage"),
            said(5, "něco", type="20"),
            said(6, "", attachments=[{"fileName": "a.PNG"}, {"fileName": "plán.pdf"}], stickers=[{"name": "s"}]),
            said(7, "", reference={"type": "Forward", "messageId": "1"}, forwardedMessage={"content": "cizí"}),
        )
    )
    [thread] = imported.conversations
    assert (thread.source, thread.title, thread.participants) == ("discord", "bara", ("Bára", "Vilém"))
    assert imported.kinds == ["message", "message", "call", "system", "system", "message", "message"]
    assert thread.messages[0].reactions == (Reaction("Vilém", "❤"), Reaction("Vilém", ":kekw:"))
    assert (thread.messages[1].reply_to, thread.messages[1].edited) == (0, True)
    assert thread.messages[5].attachments == (
        Attachment("photo"),
        Attachment("file", "plán.pdf"),
        Attachment("sticker"),
    )
    assert (thread.messages[6].text, thread.messages[6].forwarded, thread.messages[6].reply_to) == ("cizí", True, None)
    assert thread.messages[0].time == datetime(2024, 5, 1, 10, 0, 1, tzinfo=UTC)


def test_parts_and_overlaps_of_a_channel(tmp_path: Path) -> None:
    exported(tmp_path, said(1, "a"), said(2, "b"))
    exported(tmp_path, said(2, "b"), said(3, "c"), name="b.json")
    exported(tmp_path, said(1, "jinde"), name="c.json", channel="8")
    imported = read(tmp_path)
    assert [[message.text for message in thread.messages] for thread in imported.conversations] == [
        ["a", "b", "c"],
        ["jinde"],
    ]


def test_deleted_users_stay_apart(tmp_path: Path) -> None:
    gone = [{"id": number, "name": "Deleted User"} for number in "89"]
    [thread] = read(exported(tmp_path, said(1, author=gone[0]), said(2, author=gone[1]))).conversations
    assert thread.participants == ("Deleted User", "Deleted User (2)")


def test_the_data_package(tmp_path: Path) -> None:
    messages = tmp_path / "package" / "Messages"
    (messages / "c11").mkdir(parents=True)
    (messages / "c12").mkdir()
    (tmp_path / "package" / "Account").mkdir()
    (tmp_path / "package/Account/user.json").write_text(json.dumps({"username": "vilem", "global_name": "Vilém"}))
    (messages / "index.json").write_text(json.dumps({"11": "Direct Message with bara#0", "12": None}))
    (messages / "c11" / "channel.json").write_text('{"id": "11", "type": 1}')
    record = {"ID": 1, "Timestamp": "2024-05-01 12:00:00", "Contents": "b", "Attachments": "https://x/a.png?ex=1"}
    (messages / "c11" / "messages.json").write_text(
        json.dumps([record, {**record, "Timestamp": "2024-05-01 11:00:00"}])
    )
    (messages / "c12" / "messages.csv").write_text(
        'ID,Timestamp,Contents,Attachments\n1,2020-08-25 22:54:05.726000+00:00,"a\nb",\n2,nikdy,c,\n'
    )
    imported = read(tmp_path)
    first, second = imported.conversations
    assert (first.title, first.participants, second.title) == ("Direct Message with bara#0", ("Vilém",), None)
    assert [message.time for message in first.messages] == [datetime(2024, 5, 1, hour, tzinfo=UTC) for hour in (11, 12)]
    assert first.messages[0].attachments == (Attachment("file", "a.png"),)
    assert second.messages[0].text == "a\nb"
    assert imported.skipped == ["package/Messages/c12/messages.csv"]
    assert "only your own messages" in next(iter(imported.run.notes))
