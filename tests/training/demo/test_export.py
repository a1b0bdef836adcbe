import json
import re
from collections import Counter
from pathlib import Path

import pytest

from patzta.training.demo.life.__main__ import EXPORT
from patzta.training.demo.life.people import OWNER
from patzta.training.demo.life.write import dumps, export_files, write_export
from tests.importers.reading import read

MESSAGES = EXPORT / "your_facebook_activity" / "messages"
PARTS = sorted(MESSAGES.glob("*/*/message_*.json"))


def loaded(path):
    return json.loads(path.read_text("ascii"))


@pytest.fixture(scope="module")
def imported():
    return read(EXPORT)


@pytest.fixture(scope="module")
def own(imported):
    written = [message for thread in imported.conversations for message in thread.messages if message.kind == "message"]
    return [message.text for message in written if message.author == OWNER and message.text]


def test_the_committed_export_is_what_the_script_writes(tmp_path):
    write_export(tmp_path)
    written = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    committed = {path.relative_to(EXPORT): path.read_bytes() for path in EXPORT.rglob("*") if path.is_file()}
    assert written == committed


def test_another_seed_gives_another_life():
    assert dict(export_files(1)) != dict(export_files(2))


def test_layout():
    assert {path.parts[-3] for path in PARTS} == {"inbox", "e2ee_cutover", "archived_threads"}
    assert all(re.fullmatch(r"[a-z]+_\d+", path.parent.name) for path in PARTS)
    assert (MESSAGES / "autofill_information.json").exists()


def test_strings_are_mojibake_in_lower_case_escapes():
    text = (PARTS[0].parent.parent.parent / "autofill_information.json").read_text("ascii")
    assert r"Vil\u00c3\u00a9m Jest\u00c5\u0099\u00c3\u00a1b" in text
    assert dumps({"a": ["😂"]}) == '{\n  "a": [\n    "\\u00f0\\u009f\\u0098\\u0082"\n  ]\n}\n'
    for path in PARTS:
        assert set(re.findall(r"\\u..(?=..)", path.read_text("ascii"))) <= {r"\u00"}


def test_the_owner_stands_last_and_messages_begin_with_the_newest():
    for path in PARTS:
        thread = loaded(path)
        times = [message["timestamp_ms"] for message in thread["messages"]]
        assert thread["participants"][-1]["name"].encode("latin-1").decode() == OWNER
        assert times == sorted(times, reverse=True)
        assert thread["thread_path"] == f"{path.parts[-3]}/{path.parts[-2]}"


def test_the_first_part_of_a_long_thread_is_the_newest():
    first, second = (loaded(next(MESSAGES.glob(f"inbox/baraticha_*/message_{n}.json"))) for n in (1, 2))
    assert first["messages"][-1]["timestamp_ms"] >= second["messages"][0]["timestamp_ms"]


def test_everything_that_exports_hold_occurs():
    keys = Counter(key for path in PARTS for message in loaded(path)["messages"] for key in message)
    assert keys.keys() >= {
        "content", "reactions", "photos", "sticker", "gifs", "audio_files", "share", "call_duration", "missed",
        "is_unsent", "is_geoblocked_for_viewer", "is_unsent_image_by_messenger_kid_parent",
    }  # fmt: skip
    texts = "".join(path.read_text("ascii") for path in PARTS)
    for sentence in (
        "sent an attachment.",
        "named the group",
        "to the group.",
        "to your message ",
        "missed a call from",
    ):
        assert sentence in texts


def test_the_importer_takes_all_of_it(imported):
    assert imported.run.owners == {"messenger": OWNER}
    assert not imported.skipped
    assert len(imported.conversations) == 9
    assert 2000 <= sum(len(thread.messages) for thread in imported.conversations) <= 5000


def test_nothing_that_nobody_typed_counts_as_typed(imported):
    for thread in imported.conversations:
        for message in thread.messages:
            if message.kind == "message":
                assert not re.search(
                    "sent an attachment|to your message|the group|called you|missed your|call from", message.text
                )


def test_the_style_of_the_owner(own):
    assert len(own) > 2000
    assert all(text == text.lower() for text in own)
    assert not any(re.search("[áčďéěíňóřšťúůýž]", text) for text in own)
    assert not any(text.endswith(".") for text in own)
    assert sum(any(emoji in text for emoji in "🌵🎉😅❤") for text in own) > 200


def test_no_file_but_the_export_lies_there():
    assert {path.suffix for path in Path(EXPORT).rglob("*") if path.is_file()} == {".json"}
