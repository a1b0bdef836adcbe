"""``bin/train``: a dataset and a base into a double."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from patzta.commandline import usual_threads
from patzta.training.settings import Settings

if TYPE_CHECKING:
    from patzta.training.plan import Plan

USUAL = Settings()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of ``bin/train``."""
    add = parser.add_argument
    add("--dataset", type=Path, default=Path("data/datasets/me"), help="its folder (default: %(default)s)")
    add("--base", required=True, help="a chat model: a folder or a name on the Hugging Face hub")
    add("--out", type=Path, default=Path("data/models/me"), help="the double's folder (default: %(default)s)")
    add("--dry-run", action="store_true", help="only say what it will take")
    add("--method", choices=["qlora", "lora", "full", "prompt"], default=USUAL.method, help="default: %(default)s")
    add("--epochs", type=_count, default=USUAL.epochs, help="default: %(default)s")
    add("--learning-rate", type=float, metavar="RATE", help="default: that of the method")
    add("--warm-up", type=float, default=USUAL.warm_up, metavar="SHARE", help="default: %(default)s")
    add("--batch-tokens", type=_count, default=USUAL.batch_tokens, metavar="N", help="of a step (default: %(default)s)")
    add("--max-tokens", type=_count, default=USUAL.max_tokens, metavar="N",
        help="that go through the model at once (default: %(default)s)")  # fmt: skip
    add("--no-packing", dest="packing", action="store_false", help="one chat goes through the model at a time")
    add("--rank", type=_count, default=USUAL.rank, help="of the adapters (default: %(default)s)")
    add("--alpha", type=_count, default=USUAL.alpha, help="default: %(default)s")
    add("--dropout", type=float, default=USUAL.dropout, help="default: %(default)s")
    add("--prompt-tokens", type=_count, default=USUAL.prompt_tokens, metavar="N", help="default: %(default)s")
    add("--save-memory", action="store_true", help="a third slower, much less memory")
    add("--replay", type=float, default=USUAL.replay, metavar="SHARE",
        help="of general chat that the base writes (default: %(default)s)")  # fmt: skip
    add("--canaries", type=int, default=0, metavar="N", help="made-up secrets to plant for the audit (default: 0)")
    add("--evaluate-every", type=_count, metavar="STEPS", help="look at held-out chats (default: six times in all)")
    add(
        "--evaluated",
        type=_count,
        default=USUAL.evaluated,
        metavar="N",
        help="held-out sessions (default: %(default)s)",
    )
    add("--samples", type=int, default=USUAL.samples, metavar="N", help="answers at each look (default: %(default)s)")
    add("--patience", type=int, default=USUAL.patience, metavar="LOOKS",
        help="end after so many without gain; 0 never (default: %(default)s)")  # fmt: skip
    add("--seed", type=int, default=0, help="default: %(default)s")
    add("--threads", type=int, default=0, metavar="N", help="of the CPU (default: half of the cores)")
    add("--checkpoint", type=float, default=300, metavar="SECONDS", help="default: %(default)s")
    add("--tensorboard", type=Path, metavar="FOLDER", help="write the curves there, too")
    add("--processes", type=_count, default=1, metavar="N", help="GPUs of this machine to train on (default: 1)")


def run(arguments: argparse.Namespace) -> int:
    """0 done; exceptions otherwise."""
    if arguments.processes > 1 and not arguments.dry_run and "LOCAL_RANK" not in os.environ:
        _launched(arguments.processes)
    settings = Settings(**{field.name: getattr(arguments, field.name) for field in fields(Settings)})
    from patzta.training import finetune

    if arguments.dry_run:
        plan = finetune.prepare(arguments.dataset, arguments.base, settings, arguments.processes).plan
        sys.stdout.write("\n".join([*_told(plan), ""]))
        return 0
    threads = arguments.threads or usual_threads()
    finetune.finetune(
        arguments.dataset,
        arguments.base,
        arguments.out,
        settings,
        threads=threads,
        checkpoint_seconds=arguments.checkpoint,
        tensorboard=arguments.tensorboard,
        told=_told,
    )
    sys.stdout.write(f"{arguments.out}\n")
    return 0


def _told(plan: Plan) -> list[str]:
    from patzta.inference.memory import free_memory
    from patzta.training.plan import speed_here

    return list(plan.lines(free_memory(), speed_here()))


def _launched(processes: int) -> NoReturn:
    """Start again under torch's launcher, which starts so many of these; accelerate finds them together."""
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    command = [sys.executable, "-P", *launch, "-m", "patzta.training.command", *sys.argv[1:]]
    os.execv(sys.executable, command)  # noqa: S606  there is nothing that a shell could read


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
