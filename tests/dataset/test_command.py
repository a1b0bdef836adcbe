"""`bin/dataset` as a user calls it."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from patzta.chat.conversation import Conversation, Message, write_jsonl
from patzta.dataset.command import main
from patzta.dataset.folder import private_file
from patzta.training.demo.prepare import EXPORT

ME, SHE = "Vilém Jestřáb", "Bára Tichá"


@pytest.fixture
def dataset(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Runs the command; gives its exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dataset", *map(str, words)])
        try:
            code = main()
        except SystemExit as ended:
            code = int(str(ended.code))
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def imported(dataset) -> Path:
    dataset("import", EXPORT)
    return Path("data/conversations.jsonl")


def test_import_build_show(dataset, imported: Path) -> None:
    code, out, err = dataset("import", EXPORT, "--report", "report.json")
    assert (code, out) == (0, "4428 messages in 9 conversations: data/conversations.jsonl\n")
    assert f'--me "{ME}"' in err
    report = json.loads(Path("report.json").read_text())
    assert list(report) == ["format", "conversations", "messages", "seconds", "errors"]
    assert (report["format"], report["messages"], report["errors"]) == ("messenger", 4428, [])
    assert imported.stat().st_mode & 0o777 == 0o600

    code, out, err = dataset("build", imported, "--me", ME, "--out", "me", "--names", "pseudonym")
    assert code == 0
    assert "train: " in out
    train = Path("me/train.jsonl").read_text()
    assert ME in train
    assert SHE not in train

    code, out, _ = dataset("show", "me", "--count", "5")
    assert (code, out.startswith("file://")) == (0, True)
    page = Path("me/show.html").read_text()
    assert page.count("<section class=chat>") == 5
    assert "src=" not in page
    assert "<script" not in page
    code, out, _ = dataset("show", "me", "--terminal", "--split", "test")
    assert "tokens to train on" in out


def test_what_is_broken_is_reported_and_the_rest_is_read(dataset) -> None:
    thread = Path("e/messages/inbox/a_1")
    thread.mkdir(parents=True)
    (thread / "message_1.json").write_text('{"participants": [], "messages": [')
    (thread / "message_2.json").write_text(json.dumps({"participants": [], "messages": [{"timestamp_ms": 5}]}))
    code, out, err = dataset("import", "e", "--report", "r.json")
    assert (code, out[:10]) == (1, "1 messages")
    assert "messages/inbox/a_1/message_1.json" in err
    [error] = json.loads(Path("r.json").read_text())["errors"]
    assert error["path"] == "messages/inbox/a_1/message_1.json"


@pytest.mark.parametrize("name", ["nothing.zip", "broken.zip", "empty", "truncated"])
def test_when_nothing_can_be_read_the_old_file_stays(dataset, imported: Path, name: str) -> None:
    before = imported.read_bytes()
    Path("broken.zip").write_bytes(b"PK")
    Path("empty").mkdir()
    Path("truncated/inbox/a_1").mkdir(parents=True)
    Path("truncated/inbox/a_1/message_1.json").write_text("{")
    code, out, err = dataset("import", name, "--report", "r.json")
    assert (code, out) == (2, "")
    assert err
    report = json.loads(Path("r.json").read_text())
    assert report["messages"] == 0
    assert report["errors"][0]["path"]
    assert imported.read_bytes() == before


def test_the_owner_is_found_where_a_name_is_everywhere(dataset) -> None:
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    with private_file(Path("c.jsonl")) as file:
        write_jsonl(
            (
                Conversation("test", None, (other, "Já"), tuple(
                    Message([other, "Já"][n % 2], noon + timedelta(days=n // 2), f"{n}") for n in range(20)
                ))
                for other in "abc"
            ),
            file,
        )  # fmt: skip
    code, _, err = dataset("build", "c.jsonl", "--out", "d")
    assert (code, "The double is Já" in err) == (0, True)
    assert json.loads(Path("d/settings.json").read_text())["double"] == "Já"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["build", "missing.jsonl", "--me", "x"], "cannot be read"),
        (["build", "data/conversations.jsonl", "--me", "Nikdo"], "wrote none of these"),
        (["show", "missing"], "build the dataset again"),
        (["import", EXPORT, "--zone", "Praha"], "no zone is called"),
        (["build", "data/conversations.jsonl", "--avoid", "("], "no regular expression"),
        (["import", EXPORT, "--sentences", "missing.json"], "not readable"),
    ],
)
def test_wrong_use_is_answered_with_a_sentence(dataset, imported: Path, words: list, message: str) -> None:
    code, out, err = dataset(*words)
    assert code in (1, 2)
    assert message in err
    assert "Traceback" not in err
    assert out == ""


def test_simulated_files_and_several_names(dataset, imported: Path) -> None:
    Path("hand.txt").write_text(f"User1: kdo jsi?\nMe: Vilém\n\nUser1: pošli odkaz\n{ME}: odkazy neposílám\n")
    code, _, _ = dataset("build", imported, "--me", ME, "--simulated", "hand.txt", "--copies", "2", "--out", "d")
    assert code == 0
    assert Path("d/train.jsonl").read_text().count('"source":"text"') == 4
    assert "4 of the sessions" in Path("d/card.md").read_text()
