"""Where a model folder's base lies, and that it is the very one."""

from __future__ import annotations

from pathlib import Path

from patzta.inference import BrokenModel, MissingBase
from patzta.inference.persona import Persona, remedy

WANTED = ("*.json", "*.safetensors", "*.jinja", "*.model", "*.txt")
"""What is fetched of a base: no pickles, and code only where it is allowed."""


def base_folder(base: Path | str, *, foreign: bool = False) -> Path:
    """The folder of a base given as a path or as a hub name, which is downloaded if it is not cached.

    ``foreign``: with the programs in it. Raises MissingBase.
    """
    if Path(base).is_dir():
        return Path(base)
    # The name of a hub is in a library that takes a moment to import.
    from huggingface_hub import snapshot_download  # pyright: ignore[reportUnknownVariableType]

    try:
        return Path(snapshot_download(str(base), allow_patterns=[*WANTED, *(["*.py"] if foreign else [])]))
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise MissingBase(f"{base} is neither a folder nor a model that can be downloaded: {reason}") from error


def checked(model: Path) -> Persona:
    """The persona of a model folder that is whole. Raises BrokenModel."""
    persona = Persona.read(model, remedy(model))
    persona.check(model, remedy(model))
    return persona


def adapter_and_base(model: Path, whole: str) -> tuple[Persona, Path]:
    """The persona of a model folder with an adapter, and its base's folder, all of it checked.

    ``whole`` is what to do about a model without an adapter. Raises BrokenModel or MissingBase.
    """
    persona = Persona.read(model)
    persona.check(model)
    if persona.base == ".":
        raise BrokenModel(model, "it has no adapter: it is whole already", whole)
    source = base_folder(persona.base_source(model))
    persona.check_base(model, source)
    return persona, source
