"""Tokens a second and memory of training, beside TRL in the same run: ``PYTHONPATH=. python benchmarks/training.py``.

The demo's chats are learnt by the demo's base and by random weights of 80 M parameters, both in NF4 with the same
adapters, on one CPU thread, in rows of at most 512 tokens and steps of about 1,024:

    packed, unpacked  ours, with and without packing
    saving            ours, packed, with activations computed twice
    trl               SFTTrainer with the defaults of SFTConfig but for the size of the batch: rows padded to the
                      longest of it, activations computed twice, autocast to bfloat16, adapters in bfloat16
    trl_fp32          the same without autocast
    trl_tuned         without autocast, with packing, and activations kept
    trl_tuned_fp32    that with adapters in float32, as ours are; TRL has no setting for it

All learn the same chats, tokenized alike. ``trl`` is left out with the larger base: on CPUs without bfloat16 a step
takes it minutes. Each training is a process of its own; the order turns around with every round and the fastest counts.
The first step is not timed. Rates are by the clock and by the process's time on a CPU, which is what other processes on
the machine change least; the ratios are of the latter. Memory is the highest while training, in all and above what was
in use with the model loaded.

With a CUDA device the figures of benchmarks/training_cuda.py stand under ``gpu``. Prints one JSON object on its last
line.
"""
# Of what torch, transformers and trl hand out, only part has types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import torch
from transformers import AutoModelForCausalLM, LlamaConfig, TrainerCallback

from benchmarks.training_cuda import child, gpu
from patzta.chat.conversation import read_jsonl
from patzta.chat.transcript import Turn
from patzta.dataset.build import build
from patzta.importers.reading import conversations, look
from patzta.importers.run import Run
from patzta.inference.precision import native_dtype
from patzta.training.demo.prepare import BASE, DATASET, EXPORT, owner_of
from patzta.training.examples import IGNORED, Examples
from patzta.training.model import load_tokenizer, trainable
from patzta.training.packing import Row, rows, steps
from patzta.training.settings import Settings
from patzta.training.trainer import Trainer

ROW, STEP = 512, 1024
"""Tokens, at most."""
SETTINGS = Settings(max_tokens=ROW, batch_tokens=STEP)


@dataclass(frozen=True, slots=True)
class Batch:
    """Of one step: tokens, how many of them are learnt, and how many went through the model with the padding."""

    tokens: int
    learnt: int
    padded: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one training; ``dtype`` is that of the base's activations, ``padding`` a share."""

    dtype: str
    per_second: float
    per_cpu_second: float
    learnt_per_cpu_second: float
    padding: float
    grown_mib: float
    highest_mib: float


class Moment(NamedTuple):
    """Seconds, by the clock and of this process on a CPU."""

    clock: float
    cpu: float

    @classmethod
    def now(cls) -> Moment:
        """Now."""
        return cls(time.perf_counter(), time.process_time())


class Memory:
    """How high this process's memory rises from now on. Reads Linux's /proc.

    ``ru_maxrss`` is the same counter, but it cannot be set back after the loading of the model, and begins with what
    the parent process had in use.
    """

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")
        self._start = psutil.Process().memory_info().rss / 2**20

    def highest(self) -> float:
        """In MiB."""
        status = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))

    def grown(self) -> float:
        """Above what was in use at the start, in MiB."""
        return self.highest() - self._start


def ours(folder: Path, settings: Settings) -> Figures:
    """By our trainer."""
    examples = Examples(load_tokenizer(folder), "", settings.max_tokens)
    model = trainable(folder, settings)
    memory = Memory()
    trainer = Trainer(model, settings)
    packed = rows(map(examples.render, read_chats(folder)), settings.max_tokens, packing=trainer.packing)
    batches = steps(packed, settings.batch_tokens, random.Random(settings.seed))
    trainer.step(batches[0], 0)
    began = Moment.now()
    for number, batch in enumerate(batches[1:], 1):
        trainer.step(batch, number / len(batches))
    return figures([counted(batch) for batch in batches[1:]], began, Moment.now(), memory)


def counted(batch: Sequence[Row]) -> Batch:
    """Rows have no padding."""
    tokens = sum(row.tokens for row in batch)
    return Batch(tokens, sum(row.learnt for row in batch), tokens)


def trl(folder: Path, *, full_adapters: bool = False, **differing: Any) -> Figures:
    """By TRL's trainer; ``differing`` are settings of SFTConfig that are not the default."""
    # Only here: ours has to be measured without these libraries in memory.
    from datasets import Dataset
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    chats = [{"messages": [asdict(turn) for turn in turns]} for turns in read_chats(folder)]
    tokenizer, model = load_tokenizer(folder), trainable(folder, SETTINGS)
    memory = Memory()
    config = SFTConfig(
        output_dir=str(folder / "trl"),
        num_train_epochs=1,
        assistant_only_loss=True,
        seed=SETTINGS.seed,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        **differing,
    )
    trainer = SFTTrainer(model, config, train_dataset=Dataset.from_list(chats), processing_class=tokenizer)
    if full_adapters:
        for parameter in filter(lambda parameter: parameter.requires_grad, model.parameters()):
            parameter.data = parameter.data.float()
    watch = Watch(trainer)
    trainer.add_callback(watch)
    trainer.train()
    return figures(watch.batches[1:], watch.ended[0], watch.ended[-1], memory)


class Watch(TrainerCallback):
    """Notes what is in the batches of TRL's trainer and when its steps end."""

    def __init__(self, trainer: Any) -> None:
        self.batches: list[Batch] = []
        self.ended: list[Moment] = []
        self._collated: Callable[[Any], dict[str, torch.Tensor]] = trainer.data_collator
        trainer.data_collator = self._collate

    def _collate(self, features: Any) -> dict[str, torch.Tensor]:
        batch = self._collated(features)
        ids = batch["input_ids"]
        mask = batch.get("attention_mask", torch.ones_like(ids))
        learnt = batch["labels"][:, 1:] != IGNORED
        self.batches.append(Batch(int(mask.sum()), int(learnt.sum()), ids.numel()))
        return batch

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Of the trainer's callbacks."""
        self.ended.append(Moment.now())


def figures(batches: Sequence[Batch], began: Moment, ended: Moment, memory: Memory) -> Figures:
    """Of the batches that were learnt meanwhile."""
    tokens, cpu = sum(batch.tokens for batch in batches), ended.cpu - began.cpu
    return Figures(
        dtype=str(native_dtype()).removeprefix("torch."),
        per_second=round(tokens / (ended.clock - began.clock), 1),
        per_cpu_second=round(tokens / cpu, 1),
        learnt_per_cpu_second=round(sum(batch.learnt for batch in batches) / cpu, 1),
        padding=round(1 - tokens / sum(batch.padded for batch in batches), 3),
        grown_mib=round(memory.grown()),
        highest_mib=round(memory.highest()),
    )


def rows_per_step(folder: Path) -> int:
    """Chats in a step of TRL's, which counts rows and not tokens."""
    examples = Examples(load_tokenizer(folder), "", ROW)
    chats = read_chats(folder)
    return round(STEP * len(chats) / sum(len(examples.render(turns).ids) for turns in chats))


TUNED: dict[str, Any] = {
    "packing": True,
    "max_length": ROW,
    "per_device_train_batch_size": STEP // ROW,
    "gradient_checkpointing": False,
    "bf16": False,
}
VARIANTS: dict[str, Callable[[Path], Figures]] = {
    "packed": lambda folder: ours(folder, SETTINGS),
    "unpacked": lambda folder: ours(folder, replace(SETTINGS, packing=False)),
    "saving": lambda folder: ours(folder, replace(SETTINGS, save_memory=True)),
    "trl": lambda folder: trl(folder, per_device_train_batch_size=rows_per_step(folder)),
    "trl_fp32": lambda folder: trl(folder, per_device_train_batch_size=rows_per_step(folder), bf16=False),
    "trl_tuned": lambda folder: trl(folder, **TUNED),
    "trl_tuned_fp32": lambda folder: trl(folder, full_adapters=True, **TUNED),
}


@dataclass(frozen=True, slots=True)
class Course:
    """How many steps of a base are timed, in how many rounds, and what is left out."""

    steps: int
    rounds: int
    without: tuple[str, ...] = ()

    @property
    def variants(self) -> list[str]:
        """What is measured."""
        return [name for name in VARIANTS if name not in self.without]


COURSES = {"demo, 2.2 M": Course(2, 2), "random, 80 M": Course(1, 1, without=("trl",))}


def make_bases(folder: Path) -> dict[str, Path]:
    """The bases, each with the chats that it will learn."""
    bases = {name: folder / str(number) for number, name in enumerate(COURSES)}
    demo, random_weights = bases.values()
    tokenizer = load_tokenizer(BASE)
    AutoModelForCausalLM.from_pretrained(BASE).save_pretrained(demo)
    # A vocabulary of usual size: logits are a large part of the memory.
    config = LlamaConfig(
        vocab_size=32768,
        hidden_size=640,
        intermediate_size=1728,
        num_hidden_layers=12,
        num_attention_heads=10,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
    )
    torch.manual_seed(0)
    AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).save_pretrained(random_weights)
    chats = demo_chats(folder / "dataset", tokenizer)
    for name, base in bases.items():
        tokenizer.save_pretrained(base)
        write_chats(base, first(chats, tokenizer, (COURSES[name].steps + 1) * STEP))
    return bases


def demo_chats(dataset: Path, tokenizer: Any) -> list[list[Turn]]:
    """The training chats of the demo, in random order."""
    double, run = owner_of(EXPORT), Run()
    build(conversations(look([EXPORT], run), run), double, dataset, DATASET)
    examples = Examples(tokenizer, double, ROW)
    chats = [turns for turns in map(examples.exchanges, read_jsonl(dataset / "train.jsonl")) if turns]
    random.Random(0).shuffle(chats)
    return chats


def first(chats: Sequence[list[Turn]], tokenizer: Any, tokens: int) -> list[list[Turn]]:
    """So many of the chats that fit into a row that they have so many tokens."""
    examples, found = Examples(tokenizer, "", ROW), list[list[Turn]]()
    for turns in chats:
        size = len(examples.render(turns).ids)
        if size <= min(ROW, tokens):
            found.append(turns)
            tokens -= size
    return found


def write_chats(base: Path, chats: Sequence[Sequence[Turn]]) -> None:
    """Beside the base."""
    (base / "chats.json").write_text(json.dumps([[asdict(turn) for turn in turns] for turns in chats]))


def read_chats(base: Path) -> list[list[Turn]]:
    """Those beside the base."""
    return [[Turn(**turn) for turn in turns] for turns in json.loads((base / "chats.json").read_text())]


def only(what: str, base: str) -> dict[str, Any]:
    """The work of a child."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    return asdict(VARIANTS[what](Path(base)))


def best(base: Path, course: Course) -> dict[str, dict[str, Any]]:
    """The fastest round of each variant."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in course.variants}
    for number in range(course.rounds):
        for name in course.variants[:: -1 if number % 2 else 1]:
            found[name].append(child(__file__, name, str(base), hidden=True))
            sys.stderr.write(f"{name}: {found[name][-1]}\n")
    return {name: max(figures, key=lambda figure: figure["per_cpu_second"]) for name, figures in found.items()}


def ratios(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Ours to the others: of speed, where more than 1 is faster, and of the growth of memory, where less is better."""
    pairs = [("packed", other) for other in found if other not in ("packed", "saving")] + [("saving", "trl_fp32")]

    def ratio(figure: str) -> dict[str, float]:
        return {f"{one}/{other}": round(found[one][figure] / found[other][figure], 2) for one, other in pairs}

    return {"speed": ratio("per_cpu_second"), "memory": ratio("grown_mib")}


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        bases = make_bases(Path(folder))
        found = {name: best(base, COURSES[name]) for name, base in bases.items()}
    every: dict[str, Any] = {name: figures | {"ratios": ratios(figures)} for name, figures in found.items()}
    speed = every["demo, 2.2 M"]["ratios"]["speed"]
    short = {
        "packed_ratio": speed["packed/unpacked"],
        "trl_ratio": speed["packed/trl"],
        "trl_tuned_ratio": speed["packed/trl_tuned_fp32"],
    }
    print(json.dumps(short | every | {"gpu": gpu()}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure training beside TRL.")
    parser.add_argument("--only", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        print(json.dumps(only(*arguments.only)))
    else:
        main()
