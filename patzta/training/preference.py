"""``bin/train prefer``: go on training a double by judged answers, as ``bin/dataset feedback`` writes them.

Thumbs up and down by KTO (Ethayarajh et al. 2024, https://arxiv.org/abs/2402.01306), pairs of a chosen and a rejected
answer by DPO (Rafailov et al. 2023, https://arxiv.org/abs/2305.18290), both by TRL. What the double was before is the
reference that it is kept near to.
"""

# transformers, trl and peft give only part of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from patzta.dataset.folder import whole_folder
from patzta.inference.folder import adapter_and_base
from patzta.inference.persona import base_reference
from patzta.training.errors import UnusableFeedback
from patzta.training.model_card import FILE

Form = Literal["labels", "pairs"]
_KEYS: dict[Form, set[str]] = {"labels": {"prompt", "completion", "label"}, "pairs": {"prompt", "chosen", "rejected"}}
FEWEST = 4
_LONGEST = 2048


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of ``bin/train prefer``."""
    add = parser.add_argument
    add("--model", type=Path, default=Path("data/models/me"), help="the double (default: %(default)s)")
    add("--feedback", type=Path, default=Path("data/feedback.jsonl"), help="judged answers (default: %(default)s)")
    add("--out", type=Path, required=True, help="the new double's folder")
    add("--epochs", type=float, default=1, help="default: %(default)s")
    add("--learning-rate", type=float, default=5e-6, metavar="RATE", help="default: %(default)s")
    add("--beta", type=float, default=0.1, help="how near it stays to what it was (default: %(default)s)")
    add("--seed", type=int, default=0, help="default: %(default)s")


def run(arguments: argparse.Namespace) -> int:
    """0 done; exceptions otherwise."""
    margins = prefer(
        arguments.model,
        arguments.feedback,
        arguments.out,
        epochs=arguments.epochs,
        rate=arguments.learning_rate,
        beta=arguments.beta,
        seed=arguments.seed,
    )
    sys.stdout.write(f"margin {margins[0]:+.4f} before, {margins[1]:+.4f} after: {arguments.out}\n")
    return 0


def read_feedback(path: Path) -> tuple[Form, list[dict[str, Any]]]:
    """Which of the two forms it has, and its lines. Raises UnusableFeedback."""
    try:
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise UnusableFeedback(f"{path} cannot be read ({error}); write it with bin/dataset feedback") from error
    if len(lines) < FEWEST:
        raise UnusableFeedback(f"{path} holds {len(lines)} judged answers; at least {FEWEST} are needed, hundreds help")
    for form, keys in _KEYS.items():
        if all(isinstance(line, dict) and set(line) == keys for line in lines):
            return form, lines
    raise UnusableFeedback(f"{path} is of neither form that bin/dataset feedback writes")


def prefer(
    model: Path, feedback: Path, out: Path, *, epochs: float = 1, rate: float = 5e-6, beta: float = 0.1, seed: int = 0
) -> tuple[float, float]:
    """Write the new model folder; gives the margins before and after.

    The margin is by how many nats a token answers that are liked are more likely than those that are not. Raises
    UnusableFeedback or BrokenModel.
    """
    form, lines = read_feedback(feedback)
    import torch
    from peft import PeftModel

    from patzta.training.model import load_base, load_tokenizer, save_adapter

    persona, source = adapter_and_base(model, "take the double from before it was merged")
    torch.manual_seed(seed)
    tokenizer = load_tokenizer(model)
    base = load_base(source)
    base.config.use_cache = False
    adapted: Any = PeftModel.from_pretrained(base, model, is_trainable=True)
    before = margin(adapted, tokenizer, form, lines)
    with tempfile.TemporaryDirectory() as scratch:
        options = {"num_train_epochs": epochs, "learning_rate": rate, "beta": beta, "seed": seed}
        _trainer(adapted, tokenizer, form, lines, output_dir=scratch, **options).train()
    after = margin(adapted, tokenizer, form, lines)
    with whole_folder(out) as folder:
        save_adapter(adapted, folder, persona.base)
        tokenizer.save_pretrained(folder)
        for path in model.iterdir():
            if path.is_file() and path.name != "persona.json" and not (folder / path.name).exists():
                shutil.copy(path, folder)
        _note(folder / FILE, form, len(lines), before, after)
        named = persona.base_source(model)
        replace(persona, base=base_reference(named, out)).write(folder)
    return before, after


def _note(card: Path, form: Form, count: int, before: float, after: float) -> None:
    method = "KTO" if form == "labels" else "DPO"
    with card.open("a", encoding="utf-8") as file:
        file.write(
            f"\n## By judgements\n\n{method} on {count} {form}: margin {before:+.4f} before, {after:+.4f} after.\n"
        )


def _trainer(model: Any, tokenizer: Any, form: Form, lines: list[dict[str, Any]], **options: Any) -> Any:
    """TRL's trainer; ``options`` are of its config."""
    import torch
    from datasets import Dataset
    from trl.trainer.dpo_config import DPOConfig
    from trl.trainer.dpo_trainer import DPOTrainer
    from trl.trainer.kto_config import KTOConfig
    from trl.trainer.kto_trainer import KTOTrainer

    liked = sum(bool(line.get("label")) for line in lines)
    common: dict[str, Any] = options | {
        # KTO compares an answer with the others of its batch.
        "per_device_train_batch_size": min(8, len(lines)),
        "gradient_accumulation_steps": 1,
        "gradient_checkpointing": False,
        "bf16": torch.cuda.is_available(),
        "use_cpu": not torch.cuda.is_available(),
        "save_strategy": "no",
        "report_to": [],
        "logging_steps": 10,
        "max_length": _LONGEST,
    }
    if form == "pairs":
        config: Any = DPOConfig(**common)
        kind: Any = DPOTrainer
    else:
        # Both kinds should weigh about the same in all.
        config = KTOConfig(**common, undesirable_weight=liked / max(1, len(lines) - liked) if liked else 1.0)
        kind = KTOTrainer
    return kind(model=model, args=config, train_dataset=Dataset.from_list(lines), processing_class=tokenizer)


def margin(model: Any, tokenizer: Any, form: Form, lines: list[dict[str, Any]]) -> float:
    """Nats a token by which what is liked is more likely than what is not."""
    if form == "pairs":
        liked = [(line["prompt"], line["chosen"]) for line in lines]
        disliked = [(line["prompt"], line["rejected"]) for line in lines]
    else:
        liked, disliked = (
            [(line["prompt"], line["completion"]) for line in lines if line["label"] is label]
            for label in (True, False)
        )
    return _likelihood(model, tokenizer, liked) - _likelihood(model, tokenizer, disliked)


def _likelihood(model: Any, tokenizer: Any, answers: list[tuple[Any, Any]]) -> float:
    from patzta.chat.transcript import Turn
    from patzta.training.examples import Examples
    from patzta.training.loss import Loss
    from patzta.training.packing import Row

    examples = Examples(tokenizer, "", _LONGEST)
    chats = (
        [Turn(message["role"], message["content"]) for message in [*prompt, *answer]] for prompt, answer in answers
    )
    rows = [Row((examples.reply(turns),)) for turns in chats]
    learnt = sum(row.learnt for row in rows)
    return -sum(Loss(model).examples(rows)) / learnt if learnt else 0.0
