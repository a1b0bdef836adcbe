"""Fine-tuning end to end with real 4-bit weights: what comes out, and that no interruption harms it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from patzta.inference import MissingBase
from patzta.inference.persona import Persona
from patzta.training.checkpoint import Checkpoint
from patzta.training.errors import UnusableBase
from patzta.training.finetune import finetune
from patzta.training.settings import Settings

SETTINGS = Settings(epochs=4, batch_tokens=256, max_tokens=128, learning_rate=5e-3, rank=8, replay=0.0, patience=0)

CHILD = """
import sys, time
from pathlib import Path
from patzta.training.finetune import finetune
from patzta.training.trainer import Trainer
from tests.training.test_finetune import SETTINGS

step = Trainer.step
def slow(self, *arguments):
    time.sleep(0.1)
    return step(self, *arguments)
Trainer.step = slow
dataset, base, out = map(Path, sys.argv[1:])
finetune(dataset, base, out, SETTINGS, checkpoint_seconds=0)
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, dataset: Path, base: Path) -> Path:
    """A model that was trained without an interruption."""
    out = tmp_path_factory.mktemp("models") / "model"
    finetune(dataset, base, out, SETTINGS)
    return out


@pytest.fixture
def child(tmp_path: Path, dataset: Path, base: Path) -> subprocess.Popen[str]:
    """A training that has left its first checkpoint and is still at work."""
    command = [sys.executable, "-c", CHILD, str(dataset), str(base), str(tmp_path / "model")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    deadline = time.monotonic() + 90
    while not (tmp_path / "model.training" / "checkpoint").exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def same(one: Path, other: Path) -> bool:
    left, right = (load_file(folder / "adapter_model.safetensors") for folder in (one, other))
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def test_learns_and_writes_a_whole_model_folder(tmp_path: Path, dataset: Path, base: Path, model: Path) -> None:
    report = finetune(dataset, base, tmp_path / "model", SETTINGS)
    assert report.before is not None
    assert report.after is not None
    assert report.after < report.before - 0.2
    assert {path.name for path in model.iterdir()} == {
        "adapter_config.json",
        "adapter_model.safetensors",
        "card.md",
        "chat_template.jinja",
        "curves.png",
        "metrics.jsonl",
        "persona.json",
        "samples.md",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    persona = Persona.read(model)
    persona.check(model)
    assert persona.name == "Vilém"
    assert Path(persona.base_source(model)) == base
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert same(model, tmp_path / "model")  # the same seed gives the same weights


def test_the_result_loads_as_an_ordinary_adapter(model: Path) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    base = AutoModelForCausalLM.from_pretrained(Persona.read(model).base_source(model), dtype=torch.float32)
    loaded = PeftModel.from_pretrained(base, model)
    tokenizer = AutoTokenizer.from_pretrained(model)
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": "Bára: ahoj"}], add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    assert loaded.generate(**prompt, max_new_tokens=3, do_sample=False).shape[1] > prompt["input_ids"].shape[1]


def test_kill_9_costs_nothing_but_time(
    tmp_path: Path, dataset: Path, base: Path, model: Path, child: subprocess.Popen[str]
) -> None:
    child.kill()
    child.communicate()
    assert not (tmp_path / "model").exists()
    restored: list[int] = []
    restore = Checkpoint.restore

    def spy(self: Checkpoint, *arguments):
        position = restore(self, *arguments)
        restored.append(position.step)
        return position

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoint, "restore", spy)
        finetune(dataset, base, tmp_path / "model", SETTINGS)
    assert restored[0] > 0
    assert same(tmp_path / "model", model)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_sigterm_ends_after_a_checkpoint_with_code_143(tmp_path: Path, child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=30)
    assert child.returncode == 143
    assert [path.name for path in tmp_path.iterdir()] == ["model.training"]
    assert (tmp_path / "model.training" / "checkpoint").exists()


def test_a_checkpoint_of_another_training_or_a_damaged_one_is_not_used(
    tmp_path: Path, dataset: Path, base: Path, model: Path
) -> None:
    (tmp_path / "model.training").mkdir()
    (tmp_path / "model.training" / "checkpoint").write_bytes(b"PK\x03\x04 cut")
    finetune(dataset, base, tmp_path / "model", SETTINGS)
    assert same(tmp_path / "model", model)


@pytest.mark.parametrize("damage", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_base_without_what_it_needs_is_named(tmp_path: Path, dataset: Path, base: Path, damage: str) -> None:
    broken = tmp_path / "base"
    broken.mkdir()
    for path in base.iterdir():
        if path.name != damage:
            (broken / path.name).symlink_to(path)
    with pytest.raises(UnusableBase, match=str(broken)):
        finetune(dataset, broken, tmp_path / "model", SETTINGS)


def test_a_base_that_is_nowhere(tmp_path: Path, dataset: Path) -> None:
    with pytest.raises(MissingBase, match="neither a folder nor a model"):
        finetune(dataset, "no-such/model", tmp_path / "model", SETTINGS)
