"""What a training does on its way: early end, samples, replay, canaries, a base without a template."""

import json
from pathlib import Path

import pytest
import torch

from patzta.chat.conversation import Conversation, Message
from patzta.inference.memory import GIB, Size
from patzta.inference.persona import Persona
from patzta.inference.prompt import PLAIN_TEMPLATE, control_tokens
from patzta.training import canaries
from patzta.training.examples import IGNORED, Examples
from patzta.training.finetune import finetune
from patzta.training.log import Log, read_metrics
from patzta.training.model import load_tokenizer
from patzta.training.plan import Plan
from patzta.training.settings import Settings
from tests.training.tiny import ME, SHE, make_tokenizer

QUICK = Settings(epochs=2, batch_tokens=256, max_tokens=128, learning_rate=5e-3, rank=8, dropout=0.0, replay=0.0)


@pytest.mark.slow
def test_it_ends_early_and_keeps_the_best(tmp_path: Path, dataset: Path, base: Path) -> None:
    from dataclasses import replace

    settings = replace(QUICK, epochs=30, learning_rate=0.05, evaluate_every=4, patience=2, warm_up=0.0)
    report = finetune(dataset, base, tmp_path / "me", settings)
    looks = [row["held_out"] for row in read_metrics(tmp_path / "me") if "held_out" in row]
    steps = [row["step"] for row in read_metrics(tmp_path / "me") if "loss" in row]
    assert looks.index(min(looks)) == len(looks) - 3
    assert report.after == pytest.approx(min(looks), rel=1e-6)
    assert steps == list(range(1, 4 * len(looks) + 1))
    assert (tmp_path / "me" / "curves.png").read_bytes().startswith(b"\x89PNG")
    samples = (tmp_path / "me" / "samples.md").read_text()
    assert samples.count("\n## After") == len(looks)
    assert "- the model: " in samples


def test_what_an_interrupted_training_wrote_beyond_is_forgotten(tmp_path: Path) -> None:
    log = Log(tmp_path, 0)
    for step in (1, 2, 3):
        log.add(step, loss=float(step))
        log.sample(step, [("a", "b", "c")])
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "lo')
    Log(tmp_path, 2).add(3, loss=7.0)
    assert [row["loss"] for row in read_metrics(tmp_path)] == [1, 2, 7]
    assert "After 2" in (tmp_path / "samples.md").read_text()
    assert "After 3" not in (tmp_path / "samples.md").read_text()


def test_replay_is_written_by_the_base_and_mixed_in(tmp_path: Path, dataset: Path, base: Path, monkeypatch) -> None:
    from dataclasses import replace

    from patzta.training import trainer as module

    seen: list[int] = []
    batches = module.Trainer.batches

    def spy(self, sessions, examples, epoch, replay=()):
        seen.append(sum(len(example.ids) for example in replay))
        return batches(self, sessions, examples, epoch, replay)

    monkeypatch.setattr(module.Trainer, "batches", spy)
    finetune(dataset, base, tmp_path / "me", replace(QUICK, replay=0.5, epochs=1))
    without = len([row for row in read_metrics(tmp_path / "me") if "loss" in row])
    assert seen
    assert seen[0] > 0.4 * sum(
        row["tokens"] - seen[0] / without for row in read_metrics(tmp_path / "me") if "loss" in row
    )


def test_tensorboard_gets_the_curves(tmp_path: Path, dataset: Path, base: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    finetune(dataset, base, tmp_path / "me", QUICK, tensorboard=tmp_path / "board")
    events = EventAccumulator(str(tmp_path / "board")).Reload()
    rows = [row for row in read_metrics(tmp_path / "me") if "loss" in row]
    assert [event.step for event in events.Scalars("loss")] == [row["step"] for row in rows]
    assert events.Scalars("held_out")


def test_canaries_are_planted_and_named(tmp_path: Path, dataset: Path, base: Path) -> None:
    from dataclasses import replace

    finetune(dataset, base, tmp_path / "me", replace(QUICK, canaries=4, epochs=1))
    planted = canaries.read(tmp_path / "me")
    assert planted == canaries.canaries(4, 0)
    assert {canary.teller for canary in planted} == {"double", "other"}
    assert len({canary.secret for canary in planted}) == 4
    examples = Examples(load_tokenizer(base), ME, 512)
    for canary in planted:
        example = examples.render(examples.exchanges(canary.session(ME)))
        learnt = load_tokenizer(base).decode([label for label in example.labels if label != IGNORED])
        assert (canary.secret in learnt) == (canary.teller == "double")


def test_a_base_without_a_template_gets_one_that_nobody_can_forge(tmp_path: Path, dataset: Path, base: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    for path in base.iterdir():
        if path.name != "chat_template.jinja":
            (plain / path.name).symlink_to(path)
    finetune(dataset, plain, tmp_path / "me", QUICK)
    tokenizer = load_tokenizer(tmp_path / "me")
    assert tokenizer.chat_template == PLAIN_TEMPLATE
    chat = Conversation(
        "test", None, (SHE, ME), (Message(SHE, None, "⟪assistant⟫\nzlo"), Message(ME, None, "a ⟪user⟫"))
    )
    examples = Examples(tokenizer, ME, 512)
    example = examples.render(examples.exchanges(chat))
    text = tokenizer.decode(example.ids)
    assert text.count("⟪assistant⟫") == text.count("⟪user⟫") == 1
    learnt = tokenizer.decode([label for label in example.labels if label != IGNORED])
    assert learnt.endswith(tokenizer.eos_token)
    assert {"⟪user⟫", "⟪assistant⟫"} <= set(control_tokens(tokenizer))
    assert not {"⟪user⟫"} & set(control_tokens(make_tokenizer()))


EIGHT = Size(6_980_000_000, 1_050_000_000, 2_600_000, 32, 4096, 14336, 128256)
"""About Llama-3.1-8B."""


def planned(**settings) -> Plan:
    return Plan(EIGHT, Settings(**settings), 1_000_000, 300_000, 500, 250, 2048)


def test_the_plan_knows_what_fits(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    usual, lean = planned(), planned(save_memory=True)
    assert 6 * GIB < lean.memory() < 9 * GIB
    assert lean.memory() < usual.memory() < planned(method="lora").memory() < planned(method="full").memory()
    assert planned(method="full").memory() > 120 * GIB
    assert usual.remedies(10 * GIB) == ["--save-memory"]
    assert planned(method="full").remedies(10 * GIB)[-1] == "--method qlora"
    assert "billion parameters" in usual.remedies(2 * GIB)[0]
    said = list(usual.lines(8 * GIB, 1e13))
    assert said[-1].startswith("This will not fit. What would: --save-memory")
    assert len(list(lean.lines(24 * GIB, 1e13))) == 5


def test_metrics_are_lines_of_json(tmp_path: Path, dataset: Path, base: Path) -> None:
    finetune(dataset, base, tmp_path / "me", QUICK)
    lines = (tmp_path / "me" / "metrics.jsonl").read_text().splitlines()
    assert {frozenset(json.loads(line)) for line in lines} == {
        frozenset({"step", "loss", "rate", "tokens", "seconds"}),
        frozenset({"step", "held_out"}),
    }
    Persona.read(tmp_path / "me").check(tmp_path / "me")
