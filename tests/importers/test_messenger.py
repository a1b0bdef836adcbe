"""A small Messenger export with the traps that real ones have."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from patzta.chat.conversation import Attachment, Message, Reaction
from patzta.importers.errors import NotAnExport
from tests.importers.reading import Imported, read

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
        return read(self.root)


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
    assert sorted(path.split("/")[-2] for path in imported.skipped) == [
        "bytes_1", "deep_1", "json_1", "other_1", "undated_1"
    ]  # fmt: skip
    assert all(path.startswith("your_facebook_activity/messages/inbox/") for path in imported.skipped)


def test_links_are_not_followed(export: Export, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = Export(tmp_path_factory.mktemp("outside"))
    secret = outside.part("inbox/secret_1", said(SHE, 1, "secret"))
    inbox = export.part("inbox/good_1", said(SHE, 1, "ahoj")).parent.parent
    (inbox / "folder_1").symlink_to(secret.parent)
    (inbox / "file_1").mkdir()
    (inbox / "file_1" / "message_1.json").symlink_to(secret)
    imported = export.read()
    assert [thread.messages[0].text for thread in imported.conversations] == ["ahoj"]
    assert [path.split("/")[-1] for path in imported.skipped] == ["folder_1", "message_1.json"]


def test_the_owner(export: Export) -> None:
    export.part("inbox/bara_1", said(SHE, 1, "a"))
    assert export.read().guess is None  # either of the two
    export.part("inbox/petr_1", said(ME, 1, "a"), people=("Petr", ME))
    export.part("inbox/group_1", said("Petr", 1, "a"), people=("Petr", SHE, ME))
    assert export.read().guess == ME
    (export.root / "autofill_information.json").write_text(
        mojibake({"autofill_information_v2": {"FULL_NAME": ["Vilém Ž."]}})
    )
    assert export.read().run.owners == {"messenger": "Vilém Ž."}


def test_a_folder_without_threads_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotAnExport, match="Messenger's download in JSON"):
        read(tmp_path)


def encrypted(folder: Path, name: str, *messages: dict[str, Any], people=(ME, SHE)) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    data = {"participants": list(people), "threadName": name, "messages": list(messages)}
    (folder / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False))


def sealed(sender: str, stamp: int, text: str = "", kind: str = "text", **more: Any) -> dict[str, Any]:
    whole = {"isUnsent": False, "media": [], "reactions": [], "senderName": sender, "text": text, "timestamp": stamp}
    return {**whole, "type": kind, **more}


def test_an_encrypted_chat_goes_on_with_the_classic_one(export: Export) -> None:
    export.part("inbox/petr_111111111", said("Petr", 1, "jiny"), people=("Petr", ME))
    export.part("inbox/bara_222222222", said(SHE, 1, "davno"))
    export.part("e2ee_cutover/bara_333333333", said(SHE, 1000, "před"))
    encrypted(
        export.root / "sealed",
        "Bára Malá_40",
        sealed(ME, 3000, "Ã© není chyba"),
        sealed(SHE, 2000, "po", reactions=[{"actor": ME, "reaction": "❤"}]),
        sealed(SHE, 1000, "před"),
        sealed(SHE, 4000, "User unsent a message", "placeholder", isUnsent=True),
        sealed(SHE, 5000, "", "media", media=[{"uri": "./media/a.ogg"}, {"uri": "Failed to download media"}]),
        sealed(SHE, 6000, "https://example.org", "link"),
    )
    imported = export.read()
    assert sorted(thread.participants[0] for thread in imported.conversations) == [SHE, SHE, "Petr"]
    joined = next(thread for thread in imported.conversations if len(thread.messages) > 1)
    assert [message.text for message in joined.messages] == [
        "před",
        "po",
        "Ã© není chyba",
        "",
        "",
        "https://example.org",
    ]
    assert joined.messages[1].reactions == (Reaction(ME, "❤"),)
    assert joined.messages[3].kind == "unsent"
    assert joined.messages[4].attachments == (Attachment("audio"), Attachment("unknown"))


def test_an_encrypted_chat_that_fits_two_stays_by_itself(export: Export) -> None:
    for number in "12":
        export.part(f"inbox/bara_{number * 9}", said(SHE, int(number), number))
    encrypted(export.root, "Bára Malá_4", sealed(ME, 3000, "x"))
    imported = export.read()
    assert sorted(thread.messages[0].text for thread in imported.conversations) == ["1", "2", "x"]
    assert "several chats" in next(iter(imported.run.notes))


def test_encrypted_chats_alone_and_of_two_exports(tmp_path: Path) -> None:
    encrypted(tmp_path / "a", "Bára Malá_4", sealed(ME, 1, "x"), sealed(ME, 2, "y"))
    encrypted(tmp_path / "b", "Bára Malá_7", sealed(ME, 2, "y"), sealed(ME, 3, "z"))
    encrypted(tmp_path / "a", "Petr_5", sealed("Petr", 2, "y"), people=(ME, "Petr"))
    encrypted(tmp_path / "a", "Nikdo_6", people=(ME, "Nikdo"))
    imported = read(tmp_path / "a", tmp_path / "b")
    assert [[message.text for message in thread.messages] for thread in imported.conversations] == [
        ["x", "y", "z"],
        ["y"],
    ]
    assert imported.guess == ME
    assert not imported.skipped


def test_a_thread_that_was_archived_between_two_exports_is_one(export: Export) -> None:
    Export(export.root / "old").part("inbox/bara_123456789", said(SHE, 2, "b"), said(SHE, 1, "a"))
    Export(export.root / "new").part("archived_threads/bara_123456789", said(SHE, 3, "c"), said(SHE, 2, "b"))
    assert export.read().texts == ["a", "b", "c"]


def test_what_was_unsent_between_two_exports_stays_unsent(export: Export) -> None:
    Export(export.root / "old").part("inbox/bara_123456789", said(SHE, 2, "tajné"), said(SHE, 1, "a"))
    Export(export.root / "new").part(
        "inbox/bara_123456789", said(SHE, 3), said(SHE, 2, is_unsent=True), said(SHE, 1, "a")
    )
    imported = export.read()
    assert imported.texts == ["a", "", ""]
    assert imported.kinds == ["message", "unsent", "message"]


def test_two_equal_messages_in_one_export_are_two(export: Export) -> None:
    export.part("inbox/bara_123456789", said(SHE, 5, "haha"), said(SHE, 5, "haha"))
    assert export.read().texts == ["haha", "haha"]


def test_zips_in_parts(export: Export, tmp_path: Path) -> None:
    first = export.part("inbox/bara_1", said(SHE, 2, "b"))
    second = export.part("inbox/bara_1", said(SHE, 1, "a"), number=2)
    zips = tmp_path / "zips"
    zips.mkdir()
    for number, path in enumerate([first, second]):
        with zipfile.ZipFile(zips / f"facebook-{number}.zip", "w") as archive:
            archive.write(path, path.relative_to(export.root))
            archive.writestr("your_facebook_activity/messages/photos/1.jpg", b"x")
    assert read(zips).texts == read(*zips.iterdir()).texts == ["a", "b"]


@pytest.mark.parametrize("above", ["", "your_activity_across_facebook/", "your_facebook_activity/"])
def test_every_layout(tmp_path: Path, above: str) -> None:
    path = tmp_path / f"{above}messages" / "inbox" / "bara_1" / "message_1.json"
    path.parent.mkdir(parents=True)
    path.write_text(mojibake({"participants": [{"name": SHE}], "messages": [said(SHE, 1, "ahoj")]}))
    other = tmp_path / f"{above}groups/your_group_messages/1.json"
    other.parent.mkdir(parents=True, exist_ok=True)
    other.write_text(path.read_text())
    for start in (tmp_path, path.parent.parent, path.parent, path):
        assert read(start).texts == ["ahoj"]


def test_instagram_is_told_by_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "your_instagram_activity/messages/inbox/bara_1/message_1.json"
    path.parent.mkdir(parents=True)
    shared = said(SHE, 1, "Bára sent an attachment.", share={"link": "https://www.instagram.com/reel/x"})
    liked = said(SHE, 2, "Liked a message", reactions=[{"reaction": "❤", "actor": ME, "timestamp": 5}])
    path.write_text(mojibake({"participants": [{"name": SHE}, {"name": ME}], "messages": [liked, shared]}))
    imported = read(tmp_path)
    assert imported.formats == {"instagram"}
    assert (imported.conversations[0].source, imported.kinds, imported.texts[0]) == (
        "instagram",
        ["message", "system"],
        "",
    )
    assert read(path, wanted="messenger").conversations[0].source == "messenger"


def test_several_own_names_become_one(export: Export) -> None:
    liked = [{"reaction": "❤", "actor": "Vilda"}]
    export.part("inbox/bara_1", said("Vilda", 1, "a", reactions=liked), people=(SHE, "Vilda"))
    imported = read(export.root, me=(ME, "Vilda"))
    [thread] = imported.conversations
    assert (thread.participants, thread.messages[0].author) == ((SHE, ME), ME)
    assert thread.messages[0].reactions == (Reaction(ME, "❤"),)
