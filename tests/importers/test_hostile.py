"""Broken and hostile input: reported, never followed, never fatal."""

import json
import os
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patzta.importers.errors import AmbiguousFormat, NotAnExport
from tests.importers import test_discord, test_others, test_telegram, test_whatsapp
from tests.importers.reading import read

GOOD = json.dumps(
    {"participants": [{"name": "a"}], "messages": [{"sender_name": "a", "timestamp_ms": 1, "content": "x"}]}
)
NAME = "messages/inbox/a_1/message_1.json"


def test_names_that_point_elsewhere(tmp_path: Path) -> None:
    names = ["../" * 5 + NAME, "/" + NAME, "C:\\" + NAME, "messages\\..\\..\\" + NAME]
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        for name in [*names, NAME]:
            archive.writestr(name, GOOD)
    imported = read(tmp_path)
    assert imported.texts == ["x"]
    assert sorted(imported.skipped) == sorted(names)


def test_links_and_devices(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("messages/inbox/b_1/message_1.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr(NAME, GOOD)
    os.mkfifo(tmp_path / "result.json")  # reading it would wait for ever
    imported = read(tmp_path)
    assert imported.texts == ["x"]
    assert sorted(imported.skipped) == ["messages/inbox/b_1/message_1.json", "result.json"]


def test_bombs_and_encrypted_entries(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "e.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("messages/inbox/bomb_1/message_1.json", b"[" * 50_000_000)
        archive.writestr(NAME, GOOD)
    imported = read(tmp_path)
    assert (imported.texts, imported.skipped) == (["x"], ["messages/inbox/bomb_1/message_1.json"])
    data = bytearray((tmp_path / "e.zip").read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 8] |= 1  # the flag of encryption in the directory
    (tmp_path / "e.zip").write_bytes(data)
    with pytest.raises(NotAnExport):
        read(tmp_path)


def test_broken_archives_beside_a_good_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "good.zip", "w") as archive:
        archive.writestr(NAME, GOOD)
        archive.writestr("messages/inbox/b_1/message_1.json", GOOD * 10)
    data = bytearray((tmp_path / "good.zip").read_bytes())
    (tmp_path / "short.zip").write_bytes(data[: len(data) // 2])
    (tmp_path / "empty.zip").write_bytes(b"")
    data[60] ^= 0xFF
    (tmp_path / "wrong.zip").write_bytes(data)
    imported = read(tmp_path)
    assert imported.texts == ["x"]
    assert {"short.zip", "empty.zip", NAME, "messages/inbox/b_1/message_1.json"} <= set(imported.skipped)


def test_names_with_bytes_that_are_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "messages" / "inbox" / os.fsdecode(b"b\xff_1")
    folder.mkdir(parents=True)
    (folder / "message_1.json").write_text("{")
    (tmp_path / "result.json").write_text(json.dumps(test_telegram.chat(test_telegram.said(1))))
    imported = read(tmp_path)
    assert imported.texts == ["x"]
    imported.skipped[0].encode()


def test_nothing_is_written_or_left_open(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.writestr(NAME, GOOD)
    before = sorted(tmp_path.rglob("*"))
    read(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_what_is_missing_or_unknown_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotAnExport, match="does not exist"):
        read(tmp_path / "no")
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(NotAnExport, match="What can be read"):
        read(tmp_path / "a.png")


def test_a_file_that_can_be_two_things_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "_chat.txt"
    path.write_text("User1: hello\nMe: hi\n")
    with pytest.raises(AmbiguousFormat, match="--format whatsapp"):
        read(path)
    assert read(path, wanted="text").texts == ["hello", "hi"]


SEALED = {
    "senderName": "a",
    "timestamp": 1,
    "text": "x",
    "type": "text",
    "media": [{"uri": "./media/a.jpg"}],
    "reactions": [{"actor": "b", "reaction": "❤"}],
    "isUnsent": False,
}
SEEDS = {
    "messages/inbox/a_1/message_1.json": GOOD,
    "Eva_3.json": json.dumps({"participants": ["a", "b"], "threadName": "Eva_3", "messages": [SEALED]}),
    "result.json": json.dumps(test_telegram.chat(test_telegram.said(1, ["a", {"type": "bold", "text": "b"}]))),
    "_chat.txt": test_whatsapp.IOS,
    "WhatsApp Chat with X.txt": test_whatsapp.ANDROID,
    "channel.json": json.dumps({"guild": {"id": "0"}, "channel": {"id": "7"}, "messages": [test_discord.said(1)]}),
    "package/Messages/c1/messages.json": json.dumps([{"ID": 1, "Timestamp": "2024-05-01 12:00:00", "Contents": "b"}]),
    "package/Messages/c2/messages.csv": "ID,Timestamp,Contents,Attachments\n1,2024-05-01 12:00:00,b,\n",
    "messages/inbox/a_1/message_2.html": test_others.HTML_2023,
    "eva.txt": test_others.IMESSAGE,
    "eva/data.json": '{"date": "2024-05-01T12:00:00", "sender": "Me", "body": "x", "reactions": [["Me", "x"]]}',
    "main.jsonl": '{"chatItem": {"chatId": "7", "authorId": "2", "dateSent": "1714557600000", "standardMessage": {}}}',
    "w.csv": "id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,CreateTime\n1,1,文本,0,b,,x,,2024/10/4 11:42\n",
    "simulated.txt": "User1: hello\nMe: hi\n",
}  # fmt: skip

JUNK = st.sampled_from([
    b"null", b"[]", b"{}", b'""', b"-1", b"1e999", b"true", b'"\\ud83d"', b"\xff", b"\x00", b"\\x0B", b'"x"',
    b"99999999999999999999", b"\n", b"[" * 3000, b": ", b"\xe2\x80\x8e", b"31/31/9999, 99:99 - ",
])  # fmt: skip


@pytest.mark.parametrize("name", SEEDS)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_stops_an_import(name: str, data: st.DataObject, tmp_path: Path) -> None:
    content = SEEDS[name].encode()
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 12)))
        content = content[:start] + data.draw(JUNK | st.binary(max_size=6)) + content[end:]
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    try:
        imported = read(tmp_path)
    except (NotAnExport, AmbiguousFormat):
        return
    for thread in imported.conversations:
        json.dumps(thread.to_json()).encode()
        assert all(message.time is None or message.time.year < 2200 for message in thread.messages)


@pytest.mark.parametrize("name", SEEDS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.recursive(
    st.none() | st.booleans() | st.integers(-2**70, 2**70) | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=6),
    data=st.data())  # fmt: skip
def test_no_value_in_the_wrong_place_stops_an_import(
    name: str, value: object, data: st.DataObject, tmp_path: Path
) -> None:
    if not name.endswith(".json"):
        return
    whole = json.loads(SEEDS[name])
    places: list[tuple[object, object]] = []

    def walk(node: object) -> None:
        for key in list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
            places.append((node, key))
            walk(node[key])

    walk(whole)
    node, key = data.draw(st.sampled_from(places))
    node[key] = value
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(whole))
    try:
        read(tmp_path)
    except NotAnExport:
        return
