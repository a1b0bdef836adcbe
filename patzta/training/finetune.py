"""Fine-tune a base model on a dataset: the result is a model folder with what was trained, tokenizer and persona."""

# transformers and peft give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from patzta.chat.conversation import Conversation, read_jsonl
from patzta.chat.transcript import VERSION, Turn
from patzta.dataset.build import avoided, double_of
from patzta.dataset.errors import BrokenDataset
from patzta.dataset.folder import whole_folder
from patzta.inference.folder import base_folder
from patzta.inference.generation import generated
from patzta.inference.memory import free_memory, outline, size_of
from patzta.inference.persona import Persona, Sampling, base_reference, base_sha256, files_sha256
from patzta.inference.prompt import placeholder_ids
from patzta.progress import Progress
from patzta.training import canaries, model_card
from patzta.training.checkpoint import Checkpoint
from patzta.training.errors import NothingToTrain, OutOfMemory
from patzta.training.examples import Example, Examples
from patzta.training.log import CURVES, METRICS, SAMPLES, Log
from patzta.training.model import (
    check_fits,
    load_config,
    load_tokenizer,
    out_of_memory,
    save_adapter,
    trainable,
)
from patzta.training.packing import Row, rows, steps
from patzta.training.parallel import Parallel
from patzta.training.plan import Plan
from patzta.training.replay import Replay
from patzta.training.settings import Settings
from patzta.training.trainer import Trainer

DEFAULTS, SAMPLING = Settings(), Sampling()


@dataclass(frozen=True, slots=True)
class Report:
    """What came out: nats a learnt token on the validation sessions, None where there are none."""

    before: float | None
    after: float | None
    seconds: float
    parameters: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is known before weights are loaded; ``base`` as it was named, ``folder`` where it lies."""

    dataset: Path
    base: Path | str
    folder: Path
    tokenizer: Any
    examples: Examples
    sessions: list[list[Turn]]
    held_out: list[Conversation]
    plan: Plan


def prepare(dataset: Path, base: Path | str, settings: Settings, processes: int = 1) -> Prepared:
    """Read the dataset, the tokenizer and the base's config. Raises TrainingError or DatasetError."""
    folder = base_folder(base)
    double = double_of(dataset)
    config = load_config(folder)
    tokenizer = load_tokenizer(folder)
    check_fits(tokenizer, config, folder)
    examples = Examples(tokenizer, double, _within(config, settings))
    planted = canaries.canaries(settings.canaries, settings.seed)
    train = [*_read(dataset / "train.jsonl"), *(one.session(double) for one in planted for _ in range(canaries.COPIES))]
    sessions = _turns(train, examples)
    if not sessions:
        raise NothingToTrain(f"{dataset / 'train.jsonl'} holds nothing that the double wrote; build another dataset")
    packed = rows(
        (example for turns in sessions for example in examples.fitting(turns)),
        settings.max_tokens,
        packing=settings.packing,
    )
    plan = Plan(
        size_of(outline(config)),
        settings,
        sum(row.tokens for row in packed),
        sum(row.learnt for row in packed),
        len(packed),
        len(steps(packed, settings.batch_tokens, random.Random(0))),
        max(row.tokens for row in packed),
        processes,
    )
    held_out = _read(dataset / "validation.jsonl")[: settings.evaluated]
    return Prepared(dataset, base, folder, tokenizer, examples, sessions, held_out, plan)


def finetune(
    dataset: Path,
    base: Path | str,
    out: Path,
    settings: Settings = DEFAULTS,
    *,
    sampling: Sampling = SAMPLING,
    fingerprint: str | None = None,
    threads: int = 1,
    checkpoint_seconds: float = 300.0,
    tensorboard: Path | None = None,
    progress: Progress | None = None,
    told: Callable[[Plan], Iterable[str]] = lambda _: (),
) -> Report:
    """Train and write the model folder ``out``; called again after an interruption it goes on from the last checkpoint.

    What is there to be looked at meanwhile stands in a folder beside ``out``, called like it with ``.training``.
    ``told`` gives lines about the plan to be said first. ``fingerprint`` goes into the persona in place of one over all
    inputs. SIGINT and SIGTERM end it between two steps, after a checkpoint. Raises TrainingError or DatasetError.
    """
    torch.set_num_threads(threads)
    parallel = Parallel()
    progress = (progress or Progress()) if parallel.is_first else _silent()
    progress.say("loading the base model")
    prepared = prepare(dataset, base, settings, parallel.count)
    for line in told(prepared.plan):
        progress.say(line)
    try:
        training = _Training(prepared, out, sampling, parallel, progress)
        return training.run(fingerprint, checkpoint_seconds, tensorboard)
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        remedies = ", ".join(prepared.plan.remedies(min(free_memory(), 0.9 * prepared.plan.memory())))
        raise OutOfMemory(f"the memory is full; it may fit with {remedies}; nothing is lost") from error


class _Training:
    """One training, from loaded weights to the model folder."""

    def __init__(
        self, prepared: Prepared, out: Path, sampling: Sampling, parallel: Parallel, progress: Progress
    ) -> None:
        self._prepared, self._out, self._sampling = prepared, out, sampling
        self._parallel, self._progress = parallel, progress
        self._settings = prepared.plan.settings
        self._folder = out.with_name(f"{out.name}.training")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        torch.manual_seed(self._settings.seed)
        self._model = trainable(prepared.folder, self._settings)
        self._trainer = Trainer(self._model, self._settings, parallel)

    def run(self, fingerprint: str | None, checkpoint_seconds: float, tensorboard: Path | None) -> Report:
        """Train and write; see ``finetune``."""
        prepared, trainer, first = self._prepared, self._trainer, self._parallel.is_first
        base_sum = base_sha256(prepared.folder)
        inputs = self._fingerprint(base_sum)
        self._see_borders()
        held_out = self._held_out()
        before = trainer.loss(held_out)
        seconds = trainer.train(
            prepared.sessions,
            prepared.examples,
            held_out,
            Checkpoint(self._folder, inputs, checkpoint_seconds, writes=first),
            lambda step: Log(self._folder, step, tensorboard, writes=first),
            self._progress,
            self._answers,
            self._replay(),
        )
        report = Report(before, trainer.loss(held_out), seconds, prepared.plan.trained)
        if first:
            named = base_reference(prepared.base, self._out)
            double = double_of(prepared.dataset)
            avoid = avoided(prepared.dataset)
            self._write(Persona(double, named, base_sum, fingerprint or inputs, self._sampling, avoid=avoid), report)
        self._parallel.wait()
        return report

    def _fingerprint(self, base_sum: str) -> str:
        """One sum over everything that goes into it."""
        settings, sampling = asdict(self._settings), asdict(self._sampling)
        parts = [files_sha256(self._prepared.dataset), base_sum, settings, sampling, VERSION]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def _see_borders(self) -> None:
        trainer, prepared = self._trainer, self._prepared
        some = [example for turns in prepared.sessions[:8] for example in prepared.examples.fitting(turns[:4])][:2]
        learnt = len(some) == 2 and all(Row((example,)).learnt for example in some)
        if trainer.packing and learnt and not trainer.keeps_apart(some[0], some[1]):
            self._progress.say("this architecture would see other chats in a packed row: each goes alone")
            trainer.packing = False

    def _held_out(self) -> list[Row]:
        examples = self._prepared.examples
        cut = (example for turns in _turns(self._prepared.held_out, examples) for example in examples.fitting(turns))
        return rows(cut, examples.max_tokens, packing=self._trainer.packing)

    def _replay(self) -> list[Example]:
        tokens = round(self._settings.replay * self._prepared.plan.tokens)
        if not tokens:
            return []
        replay = Replay(self._folder / "replay.jsonl", self._prepared.examples)
        if self._parallel.is_first:
            replay.write(self._model, self._prepared.tokenizer, tokens, self._settings.seed, self._progress)
        self._parallel.wait()
        return replay.read()

    def _answers(self) -> list[tuple[str, str, str]]:
        """The last thing that was asked in some held-out sessions, what was answered, what the model answers."""
        chosen = self._prepared.held_out[: self._settings.samples]
        turns = [session for session in _turns(chosen, self._prepared.examples) if len(session) > 1]
        prompts = [[{"role": turn.role, "content": turn.content} for turn in session[:-1]] for session in turns]
        if not prompts:
            return []
        # What is drawn here must not change what is drawn in training.
        with torch.random.fork_rng():
            torch.manual_seed(0)
            written = generated(
                self._model,
                self._prepared.tokenizer,
                prompts,
                60,
                temperature=self._sampling.temperature,
                top_p=self._sampling.top_p,
                top_k=self._sampling.top_k,
                never=placeholder_ids(self._prepared.tokenizer),
            )
        return [(each[-2].content, each[-1].content, text) for each, text in zip(turns, written, strict=True)]

    def _write(self, persona: Persona, report: Report) -> None:
        prepared, settings = self._prepared, self._settings
        with whole_folder(self._out) as folder:
            if settings.method == "full":
                persona = replace(persona, base=".")
                self._model.config.use_cache = True
                self._model.to(torch.bfloat16).save_pretrained(folder)
            else:
                save_adapter(self._model, folder, persona.base)
            prepared.tokenizer.save_pretrained(folder)
            for name in (METRICS, SAMPLES, CURVES):
                if (self._folder / name).exists():
                    shutil.copy(self._folder / name, folder / name)
            canaries.write(canaries.canaries(settings.canaries, settings.seed), folder)
            text = model_card.card(persona, asdict(report), prepared.plan, prepared.folder, prepared.dataset)
            (folder / model_card.FILE).write_text(text, "utf-8")
            persona.write(folder)
        shutil.rmtree(self._folder)
        before, after = (model_card.number(loss) for loss in (report.before, report.after))
        self._progress.say(f"done: held-out loss {before} before, {after} after; {self._out}")


def _within(config: Any, settings: Settings) -> int:
    """Tokens of an example: what was asked for, unless the base reads less."""
    return min(settings.max_tokens, getattr(config.get_text_config(), "max_position_embeddings", settings.max_tokens))


def _read(path: Path) -> list[Conversation]:
    try:
        return list(read_jsonl(path))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenDataset(path, f"not readable ({error})") from error


def _turns(sessions: Sequence[Conversation], examples: Examples) -> list[list[Turn]]:
    return [turns for turns in map(examples.exchanges, sessions) if turns]


def _silent() -> Progress:
    return Progress(stream=Path(os.devnull).open("w", encoding="utf-8"))
