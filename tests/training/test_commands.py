"""bin/train as it is called: the plan, training in two processes, merging, carrying home, judged answers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from patzta.inference import BrokenModel
from patzta.inference.persona import Persona
from patzta.settings import ROOT
from patzta.training.errors import OutOfMemory, UnusableBase, UnusableFeedback
from patzta.training.finetune import finetune
from patzta.training.log import read_metrics
from patzta.training.merging import merge
from patzta.training.packed import pack, unpack
from patzta.training.preference import prefer
from patzta.training.settings import Settings
from tests.training.tiny import ME

OPTIONS = ["--rank", "8", "--learning-rate", "5e-3", "--max-tokens", "128", "--batch-tokens", "256", "--dropout", "0"]


def train(*words: object, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "patzta.training.command", *map(str, words)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, dataset: Path, base: Path) -> Path:
    out = tmp_path_factory.mktemp("double") / "me"
    settings = Settings(epochs=6, batch_tokens=256, max_tokens=128, learning_rate=1e-2, rank=8, replay=0.0, canaries=2)
    finetune(dataset, base, out, settings)
    return out


def test_a_dry_run_only_says_what_it_will_take(tmp_path: Path, dataset: Path, base: Path) -> None:
    done = train("--dataset", dataset, "--base", base, "--out", tmp_path / "me", "--dry-run", *OPTIONS)
    assert done.returncode == 0, done.stderr
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == ["base", "data", "steps", "memory", "time"]
    assert "qlora trains 0.0174 million" in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_two_processes_train_as_one_does(tmp_path: Path, dataset: Path, base: Path) -> None:
    losses: list[list[float]] = []
    for count in (1, 2):
        out = tmp_path / f"by{count}"
        said = ("--dataset", dataset, "--base", base, "--out", out, *OPTIONS, "--epochs", 2, "--replay", 0)
        done = train(*said, "--processes", count, "--threads", 1)
        assert done.returncode == 0, done.stderr
        losses.append([row["loss"] for row in read_metrics(out) if "loss" in row])
    assert len(losses[0]) > 10
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)
    one, two = (load_file(tmp_path / f"by{count}" / "adapter_model.safetensors") for count in (1, 2))
    assert all(torch.allclose(one[name], two[name], atol=2e-2) for name in one)


@pytest.mark.slow
def test_wrong_use_is_answered_in_a_sentence(tmp_path: Path, dataset: Path, base: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    unknown = tmp_path / "unknown"
    unknown.mkdir()
    (unknown / "config.json").write_text('{"model_type": "no-such-architecture"}')
    cases = [
        (("--dataset", empty, "--base", base), "dataset"),
        (("--dataset", tmp_path / "nowhere", "--base", base), "dataset"),
        (("--dataset", dataset, "--base", unknown), "architecture"),
        (("--dataset", dataset, "--base", empty), "architecture"),
    ]
    for words, named in cases:
        done = train(*words, "--out", tmp_path / "me")
        assert done.returncode in (1, 2), done.stderr
        assert named in done.stderr
        assert "Traceback" not in done.stderr
        assert len(done.stderr.strip().splitlines()) <= 2


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path, dataset: Path, base: Path) -> None:
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    for path in base.iterdir():
        (mixed / path.name).symlink_to(path)
    config = json.loads((base / "config.json").read_text())
    (mixed / "config.json").unlink()
    (mixed / "config.json").write_text(json.dumps(config | {"vocab_size": 300}))
    with pytest.raises(UnusableBase, match="not of one model"):
        finetune(dataset, mixed, tmp_path / "me")


def test_a_full_memory_says_what_would_fit(tmp_path: Path, dataset: Path, base: Path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 10 bytes")

    monkeypatch.setattr("patzta.training.finetune.trainable", full)
    with pytest.raises(OutOfMemory, match="--save-memory"):
        finetune(dataset, base, tmp_path / "me")


@pytest.mark.slow
def test_a_full_disk_says_so_and_loses_nothing(small_disk: Path, dataset: Path, base: Path) -> None:
    (small_disk / "filler").write_bytes(bytes(3_600_000))
    done = train("--dataset", dataset, "--base", base, "--out", small_disk / "me", *OPTIONS, "--checkpoint", 0)
    assert done.returncode == 1
    assert "make room and start again" in done.stderr
    assert "Traceback" not in done.stderr
    (small_disk / "filler").unlink()
    done = train("--dataset", dataset, "--base", base, "--out", small_disk / "me", *OPTIONS, "--epochs", 1)
    assert done.returncode == 0, done.stderr


def logits(folder: Path, adapter: Path | None = None) -> torch.Tensor:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    ids = torch.randint(4, 300, (8, 60))
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    if adapter:
        model = PeftModel.from_pretrained(model, adapter)
    with torch.inference_mode():
        return model(ids).logits


def test_a_merged_model_agrees_with_the_unmerged(tmp_path: Path, model: Path, base: Path) -> None:
    merge(model, tmp_path / "merged")
    one, other, before = logits(tmp_path / "merged"), logits(base, model), logits(base)
    agreement = (one.argmax(-1) == other.argmax(-1)).float().mean()
    assert agreement > 0.98
    assert (before.argmax(-1) == other.argmax(-1)).float().mean() < 0.7, "the adapter does something"
    persona = Persona.read(tmp_path / "merged")
    persona.check(tmp_path / "merged")
    assert persona.base == "."
    with pytest.raises(BrokenModel, match="whole already"):
        merge(tmp_path / "merged", tmp_path / "again")


def test_another_base_is_refused(tmp_path: Path, model: Path, base: Path) -> None:
    from patzta.inference.engine import Engine

    other = tmp_path / "other"
    other.mkdir()
    for path in base.iterdir():
        (other / path.name).symlink_to(path)
    (other / "model.safetensors").unlink()
    weights = load_file(base / "model.safetensors")
    weights["model.norm.weight"] = weights["model.norm.weight"] + 1
    save_file(weights, other / "model.safetensors", {"format": "pt"})
    pack(model, tmp_path / "me.tar.gz")
    with pytest.raises(BrokenModel, match="another base"):
        unpack(tmp_path / "me.tar.gz", tmp_path / "home", str(other))
    assert not (tmp_path / "home").exists()
    unpack(tmp_path / "me.tar.gz", tmp_path / "home", str(base))
    assert Engine(tmp_path / "home", 1).persona.name == ME
    (tmp_path / "base").symlink_to(base)
    unpack(tmp_path / "me.tar.gz", tmp_path / "home", str(tmp_path / "base"))
    weights_file = tmp_path / "home" / "persona.json"
    weights_file.write_text(weights_file.read_text().replace(Persona.read(tmp_path / "home").base, str(other)))
    with pytest.raises(BrokenModel, match="another base"):
        Engine(tmp_path / "home", 1)


def judged(form: str) -> list[dict]:
    prompt = [{"role": "user", "content": "Bára: ahoj, jak je? 1"}]
    good, bad = ([{"role": "assistant", "content": text}] for text in ("výborně", "zle"))
    if form == "pairs":
        return [{"prompt": prompt, "chosen": good, "rejected": bad}] * 8
    return [{"prompt": prompt, "completion": answer, "label": answer is good} for answer in (good, bad)] * 8


@pytest.mark.parametrize("form", ["pairs", "labels"])
def test_judgements_move_the_margin_the_right_way(tmp_path: Path, model: Path, form: str) -> None:
    feedback = tmp_path / "feedback.jsonl"
    feedback.write_text("".join(json.dumps(line) + "\n" for line in judged(form)))
    before, after = prefer(model, feedback, tmp_path / "better", epochs=4, rate=5e-3)
    assert after > before + 0.1
    persona = Persona.read(tmp_path / "better")
    persona.check(tmp_path / "better")
    assert {path.name for path in (tmp_path / "better").iterdir()} == {path.name for path in model.iterdir()}
    assert "By judgements" in (tmp_path / "better" / "card.md").read_text()


def test_unusable_judgements_are_refused(tmp_path: Path, model: Path) -> None:
    feedback = tmp_path / "feedback.jsonl"
    for text, said in (("", "at least"), ("{", "cannot be read"), ('{"a": 1}\n' * 5, "neither form")):
        feedback.write_text(text)
        with pytest.raises(UnusableFeedback, match=said):
            prefer(model, feedback, tmp_path / "better")
