"""The loop: what learns, and how fast."""

from pathlib import Path

import pytest
import torch

from patzta.chat.conversation import read_jsonl
from patzta.training.examples import Examples
from patzta.training.model import load_tokenizer, trainable
from patzta.training.packing import Row, rows
from patzta.training.settings import Settings
from patzta.training.trainer import Trainer, schedule
from tests.training.tiny import ME


@pytest.fixture
def trainer(base: Path) -> Trainer:
    return make(base)


def make(base: Path, **settings) -> Trainer:
    torch.manual_seed(0)
    chosen = Settings(
        **{"learning_rate": 5e-3, "rank": 8, "dropout": 0.0, "max_tokens": 128, "batch_tokens": 256} | settings
    )
    return Trainer(trainable(base, chosen), chosen)


@pytest.fixture
def writer(base: Path) -> Examples:
    return Examples(load_tokenizer(base), ME, 256)


def gradients(trainer: Trainer, batch: list[Row]) -> dict[str, torch.Tensor]:
    trainer.model.train()
    sum((trainer._loss.tokens(row).sum() for row in batch), torch.tensor(0.0)).backward()
    found = {name: weight.grad for name, weight in trainer.model.named_parameters() if weight.grad is not None}
    trainer._optimizer.zero_grad(set_to_none=True)
    return found


def test_an_evaluation_in_the_middle_leaves_every_gradient_as_it_was(
    trainer: Trainer, writer: Examples, dataset: Path
) -> None:
    """On CPUs with AVX512-BF16 it would otherwise repack the weights for a kernel without gradients."""
    sessions = [writer.exchanges(session) for session in read_jsonl(dataset / "train.jsonl")]
    [batch, *_] = trainer.batches(sessions, writer, 0)
    trainer.step(batch, 0.5)  # the second halves of the adapters begin at zero
    before = gradients(trainer, batch)
    trainer.loss(batch)
    trainer.model.generate(input_ids=torch.tensor([[1, 2, 3]]), max_new_tokens=2)
    after = gradients(trainer, batch)
    assert len(before) == 2 * 2 * 7  # both halves, both blocks, all linear layers
    assert all(before[name].any() and torch.equal(before[name], after[name]) for name in before)


def test_saving_memory_changes_nothing_else(base: Path, writer: Examples, dataset: Path) -> None:
    sessions = [writer.exchanges(session) for session in read_jsonl(dataset / "train.jsonl")]
    losses: list[list[float]] = []
    for save_memory in (False, True):
        trainer = make(base, save_memory=save_memory)
        losses.append([trainer.step(batch, 0.5) for batch in trainer.batches(sessions, writer, 0)[:4]])
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


def some_rows(writer: Examples, dataset: Path, *, packing: bool) -> list[Row]:
    sessions = [writer.exchanges(session) for session in read_jsonl(dataset / "train.jsonl")]
    examples = [next(writer.fitting(turns[: 2 * (1 + number % 2)])) for number, turns in enumerate(sessions[:12])]
    return rows(examples, 256, packing=packing)


@pytest.mark.parametrize("method", ["qlora", "lora", "full"])
def test_a_packed_row_gives_the_loss_and_gradients_of_its_examples_alone(
    base: Path, writer: Examples, dataset: Path, method: str
) -> None:
    trainer = make(base, method=method)
    packed, alone = (some_rows(writer, dataset, packing=packing) for packing in (True, False))
    assert len(packed) < len(alone) == 12
    trainer.step(packed, 0.5)  # the second halves of adapters begin at zero
    assert trainer.loss(packed) == pytest.approx(trainer.loss(alone), rel=1e-5)
    one, other = gradients(trainer, packed), gradients(trainer, alone)
    similar = [torch.cosine_similarity(one[name].flatten(), other[name].flatten(), dim=0) for name in one]
    assert min(similar) > 0.999


def test_what_an_architecture_sees_over_the_border_is_noticed(
    trainer: Trainer, writer: Examples, dataset: Path
) -> None:
    first, second, *_ = (row.examples[0] for row in some_rows(writer, dataset, packing=False))
    assert trainer.keeps_apart(first, second)
    plain = trainer._loss._model.forward

    def leaking(**given):
        return plain(**{name: value for name, value in given.items() if name != "position_ids"})

    trainer._loss._model.forward = leaking
    assert not trainer.keeps_apart(first, second)


@pytest.mark.parametrize("method", ["qlora", "lora", "full", "prompt"])
def test_every_method_learns(base: Path, writer: Examples, dataset: Path, method: str) -> None:
    trainer = make(base, method=method, learning_rate=3e-2 if method == "prompt" else 5e-3)
    sessions = [writer.exchanges(session) for session in read_jsonl(dataset / "train.jsonl")]
    batches = [batch for epoch in range(4) for batch in trainer.batches(sessions, writer, epoch)]
    before = {name: weight.detach().clone() for name, weight in trainer.model.named_parameters()}
    losses = [trainer.step(batch, number / len(batches)) for number, batch in enumerate(batches)]
    assert sum(losses[-3:]) < (0.995 if method == "prompt" else 0.97) * sum(losses[:3])
    changed = {name for name, weight in trainer.model.named_parameters() if not torch.equal(weight, before[name])}
    assert changed == {name for name, weight in trainer.model.named_parameters() if weight.requires_grad}


def test_the_learning_rate_rises_then_falls() -> None:
    rates = [schedule(done / 100, 0.1) for done in range(101)]
    assert rates[0] < 0.2
    assert max(rates) == rates[10] == 1.0
    assert rates[100] == pytest.approx(0.1)
    assert rates[10:] == sorted(rates[10:], reverse=True)
