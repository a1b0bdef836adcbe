"""``bin/train pack`` and ``unpack``: a double in one file, and back.

The file is a gzipped tar of the model folder; the base stays where it is, and is found or named where it is unpacked.
"""

from __future__ import annotations

import argparse
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

from patzta.dataset.folder import private_file, whole_folder
from patzta.inference import BrokenModel
from patzta.inference.persona import Persona, base_reference

_ANEW = "pack it again where it was trained"


def add_arguments_pack(parser: argparse.ArgumentParser) -> None:
    """Those of ``bin/train pack``."""
    parser.add_argument("model", type=Path, help="a double's folder")
    parser.add_argument("--out", type=Path, help="the file (default: the folder's name with .tar.gz)")


def run_pack(arguments: argparse.Namespace) -> int:
    """0 done; exceptions otherwise."""
    out = arguments.out or arguments.model.with_name(f"{arguments.model.name}.tar.gz")
    pack(arguments.model, out)
    sys.stdout.write(
        f"{out}\nThere: bin/train unpack {out.name} --base BASE --out data/models/{arguments.model.name}\n"
    )
    return 0


def add_arguments_unpack(parser: argparse.ArgumentParser) -> None:
    """Those of ``bin/train unpack``."""
    parser.add_argument("file", type=Path, help="what `pack` wrote")
    parser.add_argument("--base", help="the base's folder or hub name here (default: as where it was trained)")
    parser.add_argument("--out", type=Path, default=Path("data/models/me"), help="default: %(default)s")


def run_unpack(arguments: argparse.Namespace) -> int:
    """0 done; exceptions otherwise."""
    unpack(arguments.file, arguments.out, arguments.base)
    sys.stdout.write(f"{arguments.out}\n")
    return 0


def pack(model: Path, out: Path) -> None:
    """Raises BrokenModel if the folder is not whole."""
    Persona.read(model).check(model)
    with private_file(out) as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
        for path in sorted(model.iterdir()):
            archive.add(path, path.name, recursive=False)


def unpack(file: Path, out: Path, base: str | None) -> None:
    """Write the model folder ``out`` with ``base`` under it. Raises BrokenModel, also for a wrong base."""
    with whole_folder(out) as folder:
        try:
            with tarfile.open(file) as archive:
                archive.extractall(folder, filter="data")
        except (OSError, tarfile.TarError, EOFError) as error:
            raise BrokenModel(file, f"cannot be unpacked ({error})", _ANEW) from error
        persona = Persona.read(folder, _ANEW)
        if persona.base != ".":
            persona = replace(persona, base=base_reference(base or persona.base_source(out), out))
        whole = persona.files
        persona.write(folder)
        if Persona.read(folder).files != whole:
            raise BrokenModel(file, "some of its files are not as they were packed", _ANEW)
        # From where it will lie: the base is named relative to that.
        source = Path(persona.base_source(out))
        if source.is_dir():
            persona.check_base(out, source, "name the base that it was trained on with --base")
        elif persona.base.startswith(".") or source.is_absolute():
            raise BrokenModel(out, f"its base {source} is not here", "say with --base where it is")
