"""A small Messenger export with the traps that real ones have."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from patzta.chat.conversation import Attachment, Message, Reaction
from patzta.importers.errors import NotAnExport
from patzta.importers.imported import Imported
from patzta.importers.messenger import read_messenger

ME, SHE = "Vilém Nový", "Bára Malá"


def mojibake(data: Any) -> str:
    """As Meta writes it: UTF-8 bytes as code points, all escaped."""
    if isinstance(data, str):
        return json.dumps(data.encode().decode("latin-1"))
    if isinstance(data, dict):
        return "{" + ", ".join(f'"{key}": {mojibake(value)}' for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(mojibake, data)) + "]"
    return json.dumps(data)


class Export:
    """Writes export files below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def part(self, thread: str, *messages: dict[str, Any], number: int = 1, people=(SHE, ME), **more: Any) -> Path:
        """Messages as given, which is newest first in real exports."""
        path = self.root / "your_facebook_activity/messages" / thread / f"message_{number}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        data = {"participants": [{"name": name} for name in people], "messages": list(messages), "title": SHE, **more}
        path.write_text(mojibake(data))
        return path

    def read(self) -> Imported:
        return read_messenger(self.root)


@pytest.fixture
def export(tmp_path: Path) -> Export:
    return Export(tmp_path)


def said(sender: str | None, stamp: int | None, content: str | None = None, **more: Any) -> dict[str, Any]:
    return {"sender_name": sender, "timestamp_ms": stamp, "content": content, **more}


def one(export: Export, **fields: Any) -> Message:
    """The message that a record of Bára's with these fields becomes."""
    export.part("inbox/bara_1", said(SHE, 1000, **fields))
    [thread] = export.read().conversations
    return thread.messages[0]


def test_parts_are_merged_oldest_first(export: Export) -> None:
    export.part("inbox/bara_1", said(SHE, 5000, "e"), said(ME, 4000, "d"))
    export.part("inbox/bara_1", said(SHE, 1000, "b"), said(SHE, 1000, "a"), number=10)
    export.part("inbox/bara_1", said(SHE, 3000, "c"), number=2)
    [thread] = export.read().conversations
    assert [message.text for message in thread.messages] == ["a", "b", "c", "d", "e"]
    assert thread.messages[0].time == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert (thread.source, thread.title, thread.participants) == ("messenger", SHE, (SHE, ME))


def test_all_sections_are_read_and_nothing_else(export: Export) -> None:
    sections = ["archived_threads", "e2ee_cutover", "filtered_threads", "inbox", "message_requests"]
    for section in sections:
        export.part(f"{section}/t_1", said(SHE, 1, section))
    export.part("photos/t_1", said(SHE, 1, "no"))
    (export.root / "your_facebook_activity/messages/inbox/t_1/photos.json").write_text("{}")
    assert [thread.messages[0].text for thread in export.read().conversations] == sections


def test_overlapping_exports_do_not_repeat_messages(export: Export) -> None:
    for root in ("old", "new"):
        Export(export.root / root).part("inbox/bara_1", said(SHE, 2000, "b"), said(SHE, 1000, "a"))
    Export(export.root / "new").part("inbox/bara_1", said(SHE, 3000, "c"), said(SHE, 2000, "b"), number=2)
    [thread] = export.read().conversations
    assert [message.text for message in thread.messages] == ["a", "b", "c"]


def test_strings_ending_in_bytes_that_look_like_space(export: Export) -> None:
    assert one(export, content="to je à").text == "to je à"
    assert one(export, content="haha 😅").text == "haha 😅"


def test_attachments_and_their_names(export: Export) -> None:
    message = one(
        export,
        photos=[{"uri": "messages/photos/1_2_n.jpg"}],
        videos=None,
        audio_files=[{"uri": "x/audioclip_1.mp4"}],
        gifs=[{"uri": ""}],
        files=[
            {"uri": "messages/inbox/t/files/plán cesty_1234567890.pdf"},
            {"uri": "../../etc/1234567890.bin"},
            {"uri": "https://cdn.fbcdn.net/a.pdf"},
        ],
        sticker={"uri": "x.png", "ai_stickers": []},
        share={"link": "https://example.org"},
    )
    kinds = ["photo", "audio", "gif", "file", "file", "file", "sticker", "share"]
    names = [None, None, None, "plán cesty.pdf", None, None, None, None]
    assert message.attachments == tuple(map(Attachment, kinds, names))  # type: ignore[arg-type]


def test_fields_decide_before_sentences(export: Export) -> None:
    assert one(export, content="Bára called you.", call_duration=0).kind == "call"
    assert one(export, content="Ahoj", missed=True).kind == "call"
    assert one(export, content="Zavoláš?", type="Generic").kind == "message"
    assert one(export, content="Bára added Petr.", type="Subscribe", users=[{"name": "Petr"}]).kind == "system"
    unsent = one(export, content="This poll is no longer available.", is_unsent=True)
    assert (unsent.kind, unsent.text) == ("unsent", "")


def test_placeholders_become_attachments(export: Export) -> None:
    sent = one(export, content="Bára sent an attachment.", share={"link": "https://example.org"})
    assert (sent.kind, sent.text, sent.attachments) == ("message", "", (Attachment("share"),))
    place = one(export, content="Bára sent a location.", share={"link": "https://www.bing.com/maps?where1=1%2C+2"})
    assert (place.text, place.attachments) == ("", (Attachment("location"),))
    assert one(export, content="Bára sent an attachment.").attachments == (Attachment("unknown"),)


def test_reactions(export: Export) -> None:
    reactions = [{"reaction": "❤", "actor": ME}, {"reaction": None, "actor": ME}, None]
    assert one(export, content="hele", reactions=reactions).reactions == (Reaction(ME, "❤"),)


def test_null_in_place_of_everything(export: Export) -> None:
    export.part("inbox/empty_1", said(None, 1, None, reactions=None, share=None), people=(), title=None)
    [thread] = export.read().conversations
    assert thread.messages == (Message(None, datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC)),)
    assert thread.title is None


def test_bad_files_are_reported_and_the_rest_is_read(export: Export) -> None:
    good = export.part("inbox/good_1", said(SHE, 1, "ahoj"))
    for name, content in {
        "json": b"{", "bytes": b'{"participants": [], "messages": ["\xff"]}', "deep": b"[" * 200_000, "other": b"{}"
    }.items():  # fmt: skip
        bad = good.parent.parent / f"{name}_1" / "message_1.json"
        bad.parent.mkdir()
        bad.write_bytes(content)
    export.part("inbox/undated_1", said(SHE, None, "?"), said(SHE, 2, "!"))
    imported = export.read()
    assert [thread.messages[0].text for thread in imported.conversations] == ["ahoj", "!"]
    assert sorted(item.path.parent.name for item in imported.skipped) == [
        "bytes_1", "deep_1", "json_1", "other_1", "undated_1"
    ]  # fmt: skip


def test_links_are_not_followed(export: Export, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = Export(tmp_path_factory.mktemp("outside"))
    secret = outside.part("inbox/secret_1", said(SHE, 1, "secret"))
    inbox = export.part("inbox/good_1", said(SHE, 1, "ahoj")).parent.parent
    (inbox / "folder_1").symlink_to(secret.parent)
    (inbox / "file_1").mkdir()
    (inbox / "file_1" / "message_1.json").symlink_to(secret)
    assert [thread.messages[0].text for thread in export.read().conversations] == ["ahoj"]


def test_the_owner(export: Export) -> None:
    export.part("inbox/bara_1", said(SHE, 1, "a"))
    assert export.read().owner is None  # either of the two
    export.part("inbox/petr_1", said(ME, 1, "a"), people=("Petr", ME))
    export.part("inbox/group_1", said("Petr", 1, "a"), people=("Petr", SHE, "Eva"))
    assert export.read().owner == ME
    (export.root / "autofill_information.json").write_text(
        mojibake({"autofill_information_v2": {"FULL_NAME": ["Vilém Ž."]}})
    )
    assert export.read().owner == "Vilém Ž."


def test_a_folder_without_threads_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotAnExport, match="format JSON"):
        read_messenger(tmp_path)
