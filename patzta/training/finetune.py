"""Fine-tune a base model on a dataset: the result is a model folder with the adapter, the tokenizer and the persona."""

# transformers and peft give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel

from patzta.chat.conversation import read_jsonl
from patzta.chat.transcript import VERSION, Turn
from patzta.dataset.build import double_of
from patzta.dataset.errors import BrokenDataset
from patzta.dataset.folder import whole_folder
from patzta.inference.persona import Persona, Sampling, base_reference, files_sha256, folder_sha256
from patzta.progress import Progress
from patzta.training.checkpoint import Checkpoint
from patzta.training.errors import NothingToTrain
from patzta.training.examples import Example, Examples, batched
from patzta.training.model import base_folder, load_base, load_tokenizer, with_adapter
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


def fingerprint_of(dataset: Path, base: Path, settings: Settings, sampling: Sampling, extra: str = "") -> str:
    """One sum over everything that goes into a training."""
    parts = [files_sha256(dataset), folder_sha256(base), asdict(settings), asdict(sampling), VERSION, extra]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


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
    progress: Progress | None = None,
) -> Report:
    """Train and write the model folder ``out``; called again after an interruption it goes on from the last checkpoint.

    ``fingerprint`` goes into the persona in place of one over all inputs. SIGINT and SIGTERM end it between two steps,
    after a checkpoint. Raises TrainingError or DatasetError.
    """
    torch.set_num_threads(threads)
    progress = progress or Progress()
    progress.say("loading the base model")
    folder = base_folder(base)
    tokenizer = load_tokenizer(folder)
    examples = Examples(tokenizer, double_of(dataset), settings.max_tokens)
    sessions = _sessions(dataset / "train.jsonl", examples)
    if not sessions:
        raise NothingToTrain(f"{dataset / 'train.jsonl'} holds nothing that the double wrote; build another dataset")
    held_out = _held_out(dataset, examples, settings)
    inputs = fingerprint_of(dataset, folder, settings, sampling)
    torch.manual_seed(settings.seed)
    model = with_adapter(load_base(folder), settings.rank, settings.alpha, settings.dropout, settings.save_memory)
    trainer = Trainer(model, tokenizer.pad_token_id or 0, settings)
    checkpoint = Checkpoint(out.with_name(f".{out.name}.checkpoint"), inputs, checkpoint_seconds)
    before = trainer.loss(held_out)
    seconds = trainer.train(sessions, examples, held_out, checkpoint, progress)
    report = Report(before, trainer.loss(held_out), seconds, model.get_nb_trainable_parameters()[0])
    persona = Persona(
        double_of(dataset), base_reference(base, out), folder_sha256(folder), fingerprint or inputs, sampling
    )
    _write(out, trainer.model, tokenizer, persona, report, settings)
    checkpoint.discard()
    progress.say(f"done: held-out loss {_number(report.before)} before, {_number(report.after)} after; {out}")
    return report


def _sessions(path: Path, examples: Examples) -> list[list[Turn]]:
    try:
        turns = [examples.exchanges(session) for session in read_jsonl(path)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenDataset(path, f"not readable ({error})") from error
    return [session for session in turns if session]


def _held_out(dataset: Path, examples: Examples, settings: Settings) -> list[list[Example]]:
    sessions = _sessions(dataset / "validation.jsonl", examples)[: settings.evaluated]
    return batched((example for turns in sessions for example in examples.fitting(turns)), settings.batch_tokens)


def _number(loss: float | None) -> str:
    return "unknown" if loss is None else f"{loss:.3f}"


def _write(out: Path, model: PeftModel, tokenizer: Any, persona: Persona, report: Report, settings: Settings) -> None:
    with whole_folder(out) as folder:
        model.peft_config["default"].base_model_name_or_path = persona.base
        model.save_pretrained(str(folder), save_embedding_layers=False)
        (folder / "README.md").unlink(missing_ok=True)  # peft's own card, all of it placeholders
        tokenizer.save_pretrained(folder)
        (folder / "card.md").write_text(_card(persona, report, settings), "utf-8")
        persona.write(folder)


def _card(persona: Persona, report: Report, settings: Settings) -> str:
    return "\n".join(
        [
            f"# A double of {persona.name}",
            "",
            f"A QLoRA adapter of {report.parameters:,} parameters for the base `{persona.base}`.",
            "",
            f"- held-out loss before training: {_number(report.before)} nats a token",
            f"- held-out loss after training: {_number(report.after)}",
            *(f"- {key}: {value}" for key, value in asdict(settings).items()),
            "",
        ]
    )
