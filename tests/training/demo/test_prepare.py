"""The way of the demo double, on an export and a base made on the spot."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from patzta.chat.conversation import read_jsonl
from patzta.inference import BrokenModel
from patzta.training.demo import prepare as module
from patzta.training.demo.prepare import check, demo_is_ready, model_folder, prepare
from patzta.training.settings import Settings
from tests.training.tiny import ME, chats

QUICK = Settings(epochs=2, batch_tokens=256, max_tokens=128, learning_rate=5e-3, rank=8)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    [thread] = chats()
    messages = [
        {"sender_name": message.author, "timestamp_ms": int(message.time.timestamp() * 1000), "content": message.text}
        for message in thread.messages
        if message.time
    ]
    data = {"participants": [{"name": name} for name in thread.participants], "messages": messages[::-1]}
    folder = tmp_path / "export"
    (folder / "messages/inbox/bara_1").mkdir(parents=True)
    (folder / "messages/inbox/bara_1/message_1.json").write_text(mojibake(data))
    (folder / "autofill_information.json").write_text(mojibake({"autofill_information_v2": {"FULL_NAME": [ME]}}))
    return folder


def mojibake(data: Any) -> str:
    return json.dumps(json.loads(json.dumps(data, ensure_ascii=False).encode().decode("latin-1")))


@pytest.fixture
def made(tmp_path: Path, export: Path, base: Path) -> Path:
    """A data folder with the double in it."""
    prepare(tmp_path / "data", export, base, QUICK)
    return tmp_path / "data"


def test_makes_everything_once(made: Path, export: Path, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert demo_is_ready(made, export, base, QUICK)
    [thread] = read_jsonl(made / "demo" / "conversations.jsonl")
    assert thread.participants == ("Bára", "Vilém")
    assert (made / "datasets/demo/card.md").exists()
    monkeypatch.setattr(module, "_once", None)
    monkeypatch.setattr(module, "_train", None)
    assert prepare(made, export, base, QUICK) == model_folder(made)


@pytest.mark.parametrize("name", ["persona.json", "adapter_model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("damage", ["cut", "removed"])
def test_damage_is_named_with_the_remedy(made: Path, export: Path, base: Path, name: str, damage: str) -> None:
    path = model_folder(made) / name
    path.write_bytes(path.read_bytes()[:-20]) if damage == "cut" else path.unlink()
    with pytest.raises(BrokenModel, match=rf"{name}.*bin/patztabot --sandbox"):
        check(made, export, base, QUICK)


def test_damage_is_repaired(made: Path, export: Path, base: Path) -> None:
    (model_folder(made) / "adapter_model.safetensors").write_bytes(b"")
    assert not demo_is_ready(made, export, base, QUICK)
    prepare(made, export, base, QUICK)
    assert demo_is_ready(made, export, base, QUICK)


def test_other_inputs_make_another_double(made: Path, export: Path, base: Path) -> None:
    assert not demo_is_ready(made, export, base, Settings(epochs=3))
    (export / "messages/inbox/eva_1").mkdir()
    (export / "messages/inbox/eva_1/message_1.json").write_text(
        json.dumps({"participants": [], "messages": [{"sender_name": "Eva", "timestamp_ms": 1, "content": "hi"}]})
    )
    assert not demo_is_ready(made, export, base, QUICK)
    prepare(made, export, base, QUICK)
    assert len(list(read_jsonl(made / "demo" / "conversations.jsonl"))) == 2


def test_looking_whether_it_is_ready_needs_no_model_library(made: Path, export: Path, base: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from patzta.training.demo.prepare import demo_is_ready\n"
        "ready = demo_is_ready(*map(Path, sys.argv[1:]))\n"
        "assert not ready\n"
        "assert not {'torch', 'transformers', 'peft', 'numpy'} & set(sys.modules)"
    )
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", code, made, export, base], check=True)
    assert time.monotonic() - began < 1


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "patzta.training.demo", "--data", tmp_path, "--check"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "make it anew with" in done.stderr
    assert "Traceback" not in done.stderr
