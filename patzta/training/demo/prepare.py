"""Make the demo double on the path that every double takes: export, conversations, dataset, training.

    DATA/demo/conversations.jsonl, DATA/datasets/demo, DATA/models/demo

What is there already and was made from the same inputs is kept.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from patzta.chat.conversation import read_jsonl, write_jsonl
from patzta.chat.transcript import VERSION
from patzta.dataset import settings as dataset
from patzta.dataset.build import build
from patzta.dataset.folder import private_file
from patzta.importers.errors import ImportFailed
from patzta.inference import BrokenModel
from patzta.inference.persona import Persona, Sampling, remedy
from patzta.progress import Progress
from patzta.training.settings import Settings

EXPORT = Path(__file__).parent / "export"
BASE = Path(__file__).parent / "base"

RECIPE = 6
"""To be raised when the code changes so that the same inputs give another double."""
SETTINGS = Settings(
    epochs=5,
    batch_tokens=1024,
    max_tokens=512,
    learning_rate=1e-3,
    rank=64,
    alpha=128,
    dropout=0.0,
    warm_up=0.03,
    replay=0.0,
    canaries=4,
    evaluated=40,
    patience=0,
)
DATASET = dataset.Settings(test=0.2, max_characters=1000, overlap_characters=0)
"""The demo's base reads short contexts only; the more is held out, the surer what is measured on it."""
SAMPLING = Sampling(temperature=0.5, top_p=0.9, max_new_tokens=120)


def model_folder(data: Path) -> Path:
    """Where the demo double lies."""
    return data / "models" / "demo"


def demo_is_ready(data: Path, export: Path = EXPORT, base: Path = BASE, settings: Settings = SETTINGS) -> bool:
    """Whether the demo double is there, undamaged and made from the inputs as they are now. Loads no model library."""
    try:
        check(data, export, base, settings)
    except BrokenModel:
        return False
    return True


def check(data: Path, export: Path = EXPORT, base: Path = BASE, settings: Settings = SETTINGS) -> None:
    """Raises BrokenModel saying what is wrong with the demo double and which command makes it anew."""
    folder = model_folder(data)
    persona = Persona.read(folder, remedy(folder))
    persona.check(folder, remedy(folder))
    if persona.fingerprint != fingerprint(export, base, settings):
        raise BrokenModel(folder, "it was made from other files or settings", remedy(folder))


def fingerprint(export: Path, base: Path, settings: Settings) -> str:
    """One sum over everything that goes into the demo double."""
    return _sum(_tree(export), _tree(base), asdict(DATASET), asdict(settings), asdict(SAMPLING))


def prepare(
    data: Path, export: Path = EXPORT, base: Path = BASE, settings: Settings = SETTINGS, threads: int = 1
) -> Path:
    """Make what is not there and give the model's folder; an interrupted training goes on where it was.

    Two calls at once are safe: the second one waits. Raises PatztaError.
    """
    with _alone(data / "demo"):
        if not demo_is_ready(data, export, base, settings):
            conversations, dataset = data / "demo" / "conversations.jsonl", data / "datasets" / "demo"
            exported = _sum(_tree(export), asdict(DATASET))
            _once(conversations, exported, "1/3 reading the export", lambda: _import(export, conversations))
            _once(dataset, exported, "2/3 building the dataset", lambda: _build(conversations, dataset, export))
            _train(data, dataset, export, base, settings, threads)
    return model_folder(data)


def _import(export: Path, out: Path) -> None:
    # Shellbot, which comes this way too, has no libraries that read exports.
    from patzta.importers.reading import conversations, look
    from patzta.importers.run import Run

    run = Run()
    with private_file(out) as file:
        write_jsonl(conversations(look([export], run), run), file)


def owner_of(export: Path) -> str:
    """Whose chats they are. Raises ImportFailed if the export does not say so."""
    from patzta.importers.reading import conversations, look
    from patzta.importers.run import Run

    run = Run()
    for _ in conversations(look([export], run), run):
        pass
    if "messenger" not in run.owners:
        raise ImportFailed(f"{export} does not tell whose account it was; add autofill_information.json")
    return run.owners["messenger"]


def _build(conversations: Path, out: Path, export: Path) -> None:
    double = owner_of(export)
    build(read_jsonl(conversations), double, out, DATASET)


def _train(data: Path, dataset: Path, export: Path, base: Path, settings: Settings, threads: int) -> None:
    progress = Progress("3/3")
    progress.say("loading the libraries")
    from patzta.training.finetune import finetune

    finetune(
        dataset,
        base,
        model_folder(data),
        settings,
        sampling=SAMPLING,
        fingerprint=fingerprint(export, base, settings),
        threads=threads,
        checkpoint_seconds=10,
        progress=progress,
    )


def _once(out: Path, inputs: str, what: str, make: Callable[[], None]) -> None:
    """Make ``out`` unless it was made from these inputs; a note beside it says from which."""
    note = out.with_name(f".{out.name}.inputs")
    if out.exists() and note.exists() and note.read_text() == inputs:
        return
    Progress().say(what)
    note.unlink(missing_ok=True)
    make()
    note.write_text(inputs)


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Wait until no other process is here."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # goes with the process, however it ends
        yield


def _tree(folder: Path) -> list[tuple[str, str]]:
    """Name and sum of every file in a folder, at any depth; of no file where there is no folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(str(path.relative_to(folder)), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]


def _sum(*parts: object) -> str:
    return hashlib.sha256(json.dumps([RECIPE, VERSION, *parts], sort_keys=True).encode()).hexdigest()
