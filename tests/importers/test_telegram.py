"""Telegram's result.json."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from patzta.chat.conversation import Attachment, Reaction
from patzta.importers.telegram import _Repaired
from tests.importers.reading import read


def said(number: int, text: Any = "x", **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "message",
        "date": "2023-01-02T04:04:05",
        "date_unixtime": str(1672625045 + number),
        "from": "Bára",
        "from_id": "user2",
        "text": text,
        **more,
    }


def chat(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "Bára", "type": "personal_chat", "id": 5, "messages": list(messages), **more}


def written(folder: Path, data: Any) -> Path:
    path = folder / "result.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, indent=1))
    return path


def test_one_chat(tmp_path: Path) -> None:
    reactions = [
        {"type": "emoji", "count": 2, "emoji": "❤", "recent": [{"from": "Vilém", "from_id": "user1", "date": "x"}]},
        {"type": "custom_emoji", "count": 1, "document_id": "x"},
        {"type": "paid", "count": 3},
    ]
    imported = read(
        written(
            tmp_path,
            chat(
                said(1, ["koukej ", {"type": "link", "text": "https://example.org"}, "!"], reactions=reactions),
                said(2, "", photo="(File not included. Change data exporting settings to download.)"),
                said(3, "", file="a.ogg", media_type="voice_message"),
                said(4, "", file="files/plán.pdf", file_name="plán.pdf"),
                said(5, "", file="a.mp4", media_type="video_message"),
                said(6, "cizí", forwarded_from=None),
                said(
                    7,
                    "jo",
                    reply_to_message_id=1,
                    edited="2023-01-02T04:04:05",
                    **{"from": "Vilém", "from_id": "user1"},
                ),
                said(8, "", poll={"question": "kde?", "answers": []}),
                said(9, "", location_information=None),
                {**said(10), "type": "service", "actor": "Bára", "actor_id": "user2", "action": "phone_call"},
                {**said(11), "type": "service", "actor": "Bára", "actor_id": "user2", "action": "pin_message"},
                {"id": 12, "type": "unsupported"},
                said(13, "stará", edited="1970-01-01T01:00:00"),
            ),
        )
    )
    [thread] = imported.conversations
    assert (thread.source, thread.title, thread.participants) == ("telegram", "Bára", ("Bára", "Vilém"))
    assert imported.kinds == ["message"] * 7 + ["system", "message", "call", "system", "message"]
    assert imported.texts[0] == "koukej https://example.org!"
    assert thread.messages[0].reactions == (Reaction("Vilém", "❤"),)
    assert [message.attachments for message in thread.messages[1:5]] == [
        (Attachment("photo"),), (Attachment("audio"),), (Attachment("file", "plán.pdf"),), (Attachment("video"),)
    ]  # fmt: skip
    assert thread.messages[5].forwarded
    assert (thread.messages[6].reply_to, thread.messages[6].edited, thread.messages[6].author) == (0, True, "Vilém")
    assert thread.messages[8].attachments == (Attachment("location"),)
    assert not thread.messages[11].edited
    assert thread.messages[0].time == datetime(2023, 1, 2, 2, 4, 6, tzinfo=UTC)
    assert not imported.skipped


def test_a_whole_account(tmp_path: Path) -> None:
    nobody = {"from": None, "from_id": "user7"}
    data = {
        "about": "Here is the data you requested.",
        "personal_information": {"user_id": 1, "first_name": "Vilém", "phone_number": "x"},
        "contacts": {"list": [{"name": "no"}]},
        "chats": {
            "about": "x",
            "list": [
                chat(said(1), said(2, "ano", **{"from": "Vilém", "from_id": "user1"})),
                chat(said(1), name="Robot", type="bot_chat"),
                chat(
                    said(1, **nobody),
                    said(2, **nobody),
                    said(3, "jiná"),
                    said(4, from_id="user9"),
                    type="private_group",
                ),
                chat(said(3), type="saved_messages"),
            ],
        },
        "left_chats": {"list": [chat(said(1, "pryč"))]},
    }
    imported = read(written(tmp_path, data))
    assert [thread.participants for thread in imported.conversations] == [
        ("Bára", "Vilém"), ("Deleted Account", "Bára", "Bára (2)"), ("Bára",), ("Bára",)
    ]  # fmt: skip
    assert imported.conversations[3].messages[0].text == "pryč"
    assert imported.run.owners == {"telegram": "Vilém"}


def test_old_exports_have_local_times_only(tmp_path: Path) -> None:
    old = said(1)
    del old["date_unixtime"]
    assert read(written(tmp_path, chat(old))).conversations[0].messages[0].time == datetime(
        2023, 1, 2, 3, 4, 5, tzinfo=UTC
    )


def test_control_characters_that_json_does_not_have(tmp_path: Path) -> None:
    text = json.dumps(chat(said(1, "a#b"), said(2, "c#0B"))).replace("a#b", r"a\x0Bb").replace("c#0B", r"c\\x0B")
    assert read(written(tmp_path, text)).texts == ["a\x0bb", "c\\x0B"]


def test_the_repair_does_not_depend_on_where_blocks_end(tmp_path: Path) -> None:
    data = rb'"\\\x0B \x1f\\x0B \" \\\\\x01 \x" ' * 3
    (tmp_path / "f").write_bytes(data)
    results = set()
    for size in range(1, 40):
        with (tmp_path / "f").open("rb") as file:
            repaired = _Repaired(file)
            out = b""
            while block := repaired.read(size):
                out += block
        results.add(out)
    assert results == {rb'"\\\u000B \u001f\\x0B \" \\\\\u0001 \x" ' * 3}


def test_what_stands_before_the_damage_is_read(tmp_path: Path) -> None:
    data = json.dumps(chat(*(said(number) for number in range(1, 500))))
    imported = read(written(tmp_path, data[: len(data) // 2]))
    assert imported.skipped == ["result.json"]
    assert 200 < len(imported.texts) < 260


def test_no_time_and_no_sense(tmp_path: Path) -> None:
    undated = said(1)
    del undated["date"], undated["date_unixtime"]
    imported = read(
        written(tmp_path, chat(undated, said(2), {"type": None}, {**said(3), "from": None, "from_id": None}))
    )
    assert (imported.texts, imported.skipped) == (["x", "x"], ["result.json"])
    for text in ("", "[]", "{}", "null", '{"messages": 3}', "[" * 100_000):
        assert read(written(tmp_path, text)).skipped
