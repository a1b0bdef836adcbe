"""`persona.json`: what a model folder says about the double in it.

Standard library only, so that a bot can look at a model without loading a machine-learning library.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from patzta.chat.transcript import VERSION
from patzta.inference import BrokenModel

FILE = "persona.json"


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the double's words are drawn, unless a request says otherwise."""

    temperature: float = 0.8
    top_p: float = 0.95
    top_k: int = 0
    max_new_tokens: int = 200


@dataclass(frozen=True, slots=True)
class Persona:
    """A double.

    Attributes:
        name: whom it doubles, as the author is called in the dataset.
        base: the model under the adapter: a path, relative to the model folder if it begins with a dot, or a hub name.
            A single dot: the model is whole, nothing lies under it.
        base_sha256: of the base's config and weights, by `base_sha256`.
        fingerprint: of everything that went into the training.
        avoid: patterns of what it does not say, those of its dataset.
        files: sha256 of each file of the model folder but this one.
    """

    name: str
    base: str
    base_sha256: str
    fingerprint: str
    sampling: Sampling = Sampling()
    transcript: int = VERSION
    avoid: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict[str, str])

    def write(self, folder: Path) -> None:
        """Write `persona.json` last of all: it lists the other files that are there."""
        data = asdict(self) | {"files": files_sha256(folder)}
        (folder / FILE).write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", "utf-8")

    @classmethod
    def read(cls, folder: Path, remedy: str = "train it again") -> Persona:
        """Raises BrokenModel if the file is missing, malformed or of another transcript version."""
        path = folder / FILE
        try:
            persona = cls._parsed(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, re.error) as error:
            raise BrokenModel(path, f"not readable ({error})", remedy) from error
        if persona.transcript != VERSION:
            reason = f"made for transcript version {persona.transcript}, this is version {VERSION}"
            raise BrokenModel(path, reason, remedy)
        return persona

    @classmethod
    def _parsed(cls, data: dict[str, Any]) -> Persona:
        sampling = Sampling(**data["sampling"])
        texts = [data[key] for key in ("name", "base", "base_sha256", "fingerprint")]
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("name, base, base_sha256 and fingerprint must be strings")
        return cls(*texts, sampling=sampling, transcript=int(data["transcript"]), **_lists(data))

    def check(self, folder: Path, remedy: str = "train it again") -> None:
        """See that each file has its sum, and that a local base is there. Raises BrokenModel naming the first fault."""
        actual = files_sha256(folder)
        for name, expected in self.files.items():
            if actual.get(name) != expected:
                reason = "changed or damaged since training" if name in actual else "missing"
                raise BrokenModel(folder / name, reason, remedy)
        base = Path(self.base_source(folder))
        if (self.base.startswith(".") or base.is_absolute()) and not base.is_dir():
            raise BrokenModel(folder, f"its base model {base} is missing", remedy)

    def check_base(self, folder: Path, base: Path, remedy: str = "train it again") -> None:
        """See that ``base`` is the very one that was trained on. Reads all of it. Raises BrokenModel."""
        if self.base != "." and base_sha256(base) != self.base_sha256:
            raise BrokenModel(folder, f"{base} is another base than the one that it was trained on", remedy)

    def base_source(self, folder: Path) -> str:
        """Where to load the base from: an absolute path or a hub name."""
        return str((folder / self.base).resolve()) if self.base.startswith(".") else self.base


def _lists(data: dict[str, Any]) -> dict[str, Any]:
    avoid = tuple(data.get("avoid", ()))  # personas of earlier versions have none
    for pattern in avoid:
        re.compile(pattern)
    return {"avoid": avoid, "files": dict(data["files"])}


def remedy(folder: Path) -> str:
    """What to do about a model in ``folder`` that cannot be used."""
    if folder.name == "demo":
        return f"make it anew with: rm -r '{folder}'; bin/patztabot --sandbox"
    return "train it again, or name another folder in the config, under [model] path"


def base_reference(base: Path | str, folder: Path) -> str:
    """How `persona.json` in ``folder`` names ``base``: relative below a common folder, so that both can move."""
    if not Path(base).is_dir():
        return str(base)
    source, target = Path(base).resolve(), folder.resolve()
    if os.path.commonpath([source, target]) == source.anchor:
        return str(source)
    relative = os.path.relpath(source, target)
    return relative if relative.startswith(".") else f"./{relative}"


def base_sha256(folder: Path) -> str:
    """One sum over a base's config and weights: what an adapter depends on."""
    paths = [path for path in sorted(folder.iterdir()) if path.suffix == ".safetensors" or path.name == "config.json"]
    # Hashing leaves the interpreter free: a thread a file.
    with ThreadPoolExecutor() as threads:
        sums = dict(zip((path.name for path in paths), threads.map(_sha256, paths), strict=True))
    return hashlib.sha256(json.dumps(sums).encode()).hexdigest()


def files_sha256(folder: Path) -> dict[str, str]:
    """The sum of every file directly in ``folder`` but `persona.json`, sorted by name."""
    return {path.name: _sha256(path) for path in sorted(folder.iterdir()) if path.is_file() and path.name != FILE}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
