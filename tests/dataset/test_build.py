"""The dataset folder."""

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patzta.chat.conversation import Attachment, Conversation, Message, Reaction, read_jsonl
from patzta.chat.transcript import Transcript
from patzta.dataset.build import build, double_of
from patzta.dataset.errors import BrokenDataset, NothingToLearn
from patzta.dataset.settings import Settings

ME, SHE, HE = "Vilém", "Bára", "Petr"
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def chats(days: int = 40) -> list[Conversation]:
    messages = [
        Message(author, NOON + timedelta(days=day, minutes=minute), f"{text} {day} ž")
        for day in range(days)
        for minute, (author, text) in enumerate([(SHE, "ahoj"), (ME, "čau"), (SHE, "tak zítra")])
    ]
    return [Conversation("test", None, (SHE, ME), tuple(messages))]


def chat(*said: tuple[str, str], start: datetime = NOON, people: tuple[str, ...] = (SHE, ME)) -> Conversation:
    """Messages a minute apart."""
    messages = (Message(author, start + timedelta(minutes=n), text) for n, (author, text) in enumerate(said))
    return Conversation("test", None, people, tuple(messages))


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def trained(folder: Path) -> list[str]:
    """The texts of each window that is trained on, in a line."""
    return [" ".join(message.text for message in window.messages) for window in read_jsonl(folder / "train.jsonl")]


def built(folder: Path, *threads: Conversation, **settings) -> list[str]:
    """All of it to train on, unless ``settings`` say otherwise."""
    build(threads, ME, folder / "out", Settings(**{"validation": 0, "test": 0, **settings}))
    return trained(folder / "out")


def test_holds_everything_split_by_time(tmp_path: Path) -> None:
    counts = build(chats(), ME, tmp_path / "out")
    assert sorted(content(tmp_path / "out")) == [
        "card.md", "dropped.json", "settings.json", "test.jsonl", "train.jsonl", "validation.jsonl"
    ]  # fmt: skip
    assert counts.windows == counts.own_messages == {"train": 36, "validation": 2, "test": 2}
    last = [list(read_jsonl(tmp_path / "out" / f"{split}.jsonl"))[-1] for split in ("train", "validation", "test")]
    assert [session.messages[0].text for session in last] == ["ahoj 35 ž", "ahoj 37 ž", "ahoj 39 ž"]
    assert double_of(tmp_path / "out") == ME


def test_nobody_else_may_look_at_it(tmp_path: Path) -> None:
    build(chats(), ME, tmp_path / "out")
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    hand = [
        Conversation("text", None, ("User1", "Me"), (Message("User1", None, "kdo jsi?"), Message("Me", None, "já")))
    ]
    for name in ("a", "b"):
        build(chats(), ME, tmp_path / name, Settings(names="pseudonym", seed=3), by_hand=hand)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    build(chats(), ME, tmp_path / "c", Settings(names="pseudonym", seed=4), by_hand=hand)
    assert content(tmp_path / "a")["train.jsonl"] != content(tmp_path / "c")["train.jsonl"]


def test_the_card_says_what_was_left_out(tmp_path: Path) -> None:
    call = Message(SHE, NOON, "Bára called you.", kind="call")
    mended = Message(ME, NOON, "*opraveno")
    [thread] = chats()
    build([replace(thread, messages=(*thread.messages, call, mended))], ME, tmp_path / "out")
    card = (tmp_path / "out/card.md").read_text()
    assert "**call**: 1 messages" in card
    assert "**corrections**: 1 messages" in card
    assert "`*opraveno`" in card
    assert "cannot find" in card
    assert "| train | 36 | 36 |" in card


def test_nothing_is_paired_across_people_or_what_was_removed(tmp_path: Path) -> None:
    windows = built(
        tmp_path,
        chat((SHE, "pes umřel"), (ME, "*oprava"), (SHE, "nic"), (ME, "aha")),
        chat((HE, "čau"), (ME, "nazdar"), people=(HE, ME)),
    )
    assert sorted(windows) == ["nic aha", "čau nazdar"]


def test_a_slow_reply_stays_and_its_pause_is_seen(tmp_path: Path) -> None:
    messages = (Message(SHE, NOON, "přijdeš?"), Message(ME, NOON + timedelta(hours=5), "jo promiň"))
    built(tmp_path, Conversation("test", None, (SHE, ME), messages))
    [window] = read_jsonl(tmp_path / "out/train.jsonl")
    assert [turn.content for turn in Transcript(ME).turns(window)] == ["Bára: přijdeš?\n[pause 5 h]", "jo promiň"]


def test_opening_is_learned_and_talking_to_oneself_is_not(tmp_path: Path) -> None:
    alone = chat((ME, "poznámka"), people=(ME,))
    assert built(tmp_path, chat((ME, "jsi tam?"), (SHE, "jo")), alone) == ["jsi tam? jo"]


def test_reactions_alone_are_an_act_and_attachments_are_not(tmp_path: Path) -> None:
    liked = Message(SHE, NOON, "koukej", reactions=(Reaction(ME, "❤"),))
    photo = Message(ME, NOON, "", attachments=(Attachment("photo"),))
    both = Message(ME, NOON, "hele", attachments=(Attachment("photo"),))
    assert built(tmp_path, Conversation("test", None, (SHE, ME), (liked,))) == ["koukej"]
    assert built(tmp_path, Conversation("test", None, (SHE, ME), (liked, photo, both))) == ["koukej hele"]
    [window] = read_jsonl(tmp_path / "out/train.jsonl")
    assert window.messages[1].attachments == ()


def test_people_can_be_left_out_or_asked_for(tmp_path: Path) -> None:
    threads = [
        chat((SHE, "a"), (ME, "b")),
        chat((HE, "c"), (ME, "d"), people=(HE, ME)),
        chat((SHE, "e"), (ME, "f"), (HE, "g"), (ME, "h"), (SHE, "i"), (ME, "j"), people=(SHE, HE, ME)),
    ]
    expected = ["a b", "e f", "h i j"]
    assert (
        sorted(built(tmp_path, *threads, without=(HE,))) == sorted(built(tmp_path, *threads, only=(SHE,))) == expected
    )
    assert HE not in (tmp_path / "out/train.jsonl").read_text()


def test_private_things_are_replaced_everywhere(tmp_path: Path) -> None:
    thread = chat((SHE, "piš na bara@mala.cz"), (ME, "a ty na 777 123 456, Tajná 5"), (SHE, "bara@mala.cz"))
    build([thread], ME, tmp_path / "out", Settings(validation=0, test=0, avoid=("piš",)), private=["tajná 5"])
    assert trained(tmp_path / "out") == ["⟦avoided⟧ na ⟦email 1⟧ a ty na ⟦phone 1⟧, ⟦private 1⟧ ⟦email 1⟧"]
    for name, data in content(tmp_path / "out").items():
        assert b"tajn" not in data.lower(), name


def test_sessions_in_other_languages_are_left_out(tmp_path: Path) -> None:
    czech = chat((SHE, "a?"), (ME, "dneska jsem byl celý den v práci a pak jsme šli na pivo s klukama z kapely"))
    english = chat((SHE, "a?"), (ME, "I was at work the whole day and then we went for a beer with the boys"))
    assert len(built(tmp_path, czech, english)) == 2
    assert built(tmp_path, czech, english, languages=("cs",)) == [
        "a? dneska jsem byl celý den v práci a pak jsme šli na pivo s klukama z kapely"
    ]


def test_simulated_conversations_are_trained_on_only(tmp_path: Path) -> None:
    hand = Conversation(
        "text", None, ("User1", "Me"), (Message("User1", None, "jsem User1"), Message("Me", None, "Vilém"))
    )
    counts = build(chats(), ME, tmp_path / "out", Settings(copies=5), by_hand=[hand])
    assert counts.windows == {"train": 41, "validation": 2, "test": 2}
    copies = [window for window in read_jsonl(tmp_path / "out/train.jsonl") if window.source == "text"]
    assert len({window.participants[0] for window in copies}) == 5
    assert all(window.messages[0].text == f"jsem {window.participants[0]}" for window in copies)
    assert all(window.messages[1].author == ME for window in copies)


def test_what_is_known_by_heart_is_not_tested(tmp_path: Path) -> None:
    text = "přijď zítra v 17:45 k nám domů a vezmi sebou ten dort"
    same = [chat((SHE, f"{day}"), (ME, text if day in (0, 38) else f"den {day}"), start=NOON + timedelta(days=day))
            for day in range(40)]  # fmt: skip
    counts = build(same, ME, tmp_path / "out")
    assert counts.leaking == {"validation": 0, "test": 1}
    assert text not in (tmp_path / "out/test.jsonl").read_text()


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
