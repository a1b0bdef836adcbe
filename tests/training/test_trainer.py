"""The loop: what learns, and how fast."""

from pathlib import Path

import pytest
import torch

from patzta.chat.conversation import read_jsonl
from patzta.training.examples import Example, Examples
from patzta.training.model import load_base, load_tokenizer, with_adapter
from patzta.training.settings import Settings
from patzta.training.trainer import Trainer, schedule
from tests.training.tiny import ME


@pytest.fixture
def trainer(base: Path) -> Trainer:
    torch.manual_seed(0)
    return Trainer(with_adapter(load_base(base), 8, 16, 0.0, save_memory=False), 0, Settings(learning_rate=5e-3))


@pytest.fixture
def writer(base: Path) -> Examples:
    return Examples(load_tokenizer(base), ME, 256)


def gradients(trainer: Trainer, batch: list[Example]) -> dict[str, torch.Tensor]:
    trainer.model.train()
    trainer._forward(batch).backward()
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
    trainer.loss([batch])
    trainer.model.generate(input_ids=torch.tensor([[1, 2, 3]]), max_new_tokens=2)
    after = gradients(trainer, batch)
    assert len(before) == 2 * 2 * 7  # both halves, both blocks, all linear layers
    assert all(before[name].any() and torch.equal(before[name], after[name]) for name in before)


def test_saving_memory_changes_nothing_else(base: Path, writer: Examples, dataset: Path) -> None:
    sessions = [writer.exchanges(session) for session in read_jsonl(dataset / "train.jsonl")]
    losses: list[list[float]] = []
    for save_memory in (False, True):
        torch.manual_seed(0)
        trainer = Trainer(with_adapter(load_base(base), 8, 16, 0.0, save_memory), 0, Settings(learning_rate=5e-3))
        losses.append([trainer.step(batch, 0.5) for batch in trainer.batches(sessions, writer, 0)[:4]])
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


def test_padding_does_not_change_the_loss(trainer: Trainer, writer: Examples, dataset: Path) -> None:
    sessions = [writer.exchanges(session) for session in read_jsonl(dataset / "train.jsonl")][:3]
    rows = [next(writer.fitting(turns[: 2 * (number + 1)])) for number, turns in enumerate(sessions)]
    assert len({len(row.ids) for row in rows}) > 1
    assert trainer.loss([rows]) == pytest.approx(trainer.loss([[row] for row in rows]), rel=1e-2)


def test_the_learning_rate_rises_then_falls() -> None:
    rates = [schedule(done / 100, 0.1) for done in range(101)]
    assert rates[0] < 0.2
    assert max(rates) == rates[10] == 1.0
    assert rates[100] == pytest.approx(0.1)
    assert rates[10:] == sorted(rates[10:], reverse=True)
