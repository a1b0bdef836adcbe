"""The dataset folder."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patzta.chat.conversation import Conversation, Message, read_jsonl
from patzta.dataset.build import build, double_of
from patzta.dataset.errors import BrokenDataset, NothingToLearn

ME, SHE = "Vilém", "Bára"
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def chats(days: int = 40) -> list[Conversation]:
    messages = [
        Message(author, NOON + timedelta(days=day, minutes=minute), f"{text} {day} ž")
        for day in range(days)
        for minute, (author, text) in enumerate([(SHE, "ahoj"), (ME, "čau"), (SHE, "tak zítra")])
    ]
    return [Conversation("test", None, (SHE, ME), tuple(messages))]


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_holds_everything_split_by_time(tmp_path: Path) -> None:
    counts = build(chats(), ME, tmp_path / "out")
    assert sorted(content(tmp_path / "out")) == [
        "card.md", "dropped.json", "settings.json", "test.jsonl", "train.jsonl", "validation.jsonl"
    ]  # fmt: skip
    assert counts.windows == counts.own_messages == {"train": 36, "validation": 2, "test": 2}
    last = [list(read_jsonl(tmp_path / "out" / f"{split}.jsonl"))[-1] for split in ("train", "validation", "test")]
    assert [session.messages[0].text for session in last] == ["ahoj 35 ž", "ahoj 37 ž", "ahoj 39 ž"]
    assert double_of(tmp_path / "out") == ME


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        build(chats(), ME, tmp_path / name)
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_the_card_says_what_was_left_out(tmp_path: Path) -> None:
    call = Message(SHE, NOON, "Bára called you.", kind="call")
    [chat] = chats()
    build([replace(chat, messages=(*chat.messages, call))], ME, tmp_path / "out")
    card = (tmp_path / "out/card.md").read_text()
    assert "**call**: 1 messages" in card
    assert "| train | 36 | 36 |" in card


def test_a_wrong_name_is_answered_with_the_right_ones(tmp_path: Path) -> None:
    with pytest.raises(NothingToLearn, match="Bára, Vilém"):
        build(chats(), "Vilem", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("settings", [None, "{", "[]", json.dumps({"double": 3})])
def test_a_broken_dataset_is_named(tmp_path: Path, settings: str | None) -> None:
    if settings is not None:
        (tmp_path / "settings.json").write_text(settings)
    with pytest.raises(BrokenDataset, match="build the dataset again"):
        double_of(tmp_path)
