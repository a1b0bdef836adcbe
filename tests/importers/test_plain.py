"""Conversations written by hand."""

from pathlib import Path

from tests.importers.reading import read


def written(folder: Path, text: str) -> Path:
    path = folder / "simulated.txt"
    path.write_text(text)
    return path


def test_conversations_are_apart_by_blank_lines(tmp_path: Path) -> None:
    imported = read(
        written(tmp_path, "User1: hello\nMe: hi\nhttps: no speaker\nNote: nor this\n\n\nEva: kdo jsi?\nMe: Vilém\n")
    )
    first, second = imported.conversations
    assert first.source == "text"
    assert [(message.author, message.text) for message in first.messages] == [
        ("User1", "hello"), ("Me", "hi\nhttps: no speaker\nNote: nor this")
    ]  # fmt: skip
    assert second.participants == ("Eva", "Me")
    assert first.messages[0].time is None


def test_a_name_that_was_given_is_a_speaker(tmp_path: Path) -> None:
    [thread] = read(written(tmp_path, "User1: hello\nVilém: hi\n"), me=("Vilém",)).conversations
    assert thread.participants == ("User1", "Vilém")
