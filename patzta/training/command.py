"""``bin/train``: train a double; and ``merge``, ``pack``, ``unpack``, ``prefer`` for what has been trained."""

from __future__ import annotations

import argparse
import importlib
import sys

from patzta.commandline import ended

COMMANDS = {
    "merge": ("merging", "write a model without an adapter, for other programs"),
    "pack": ("packed", "put a model folder into one file, to carry it elsewhere"),
    "unpack": ("packed", "take such a file apart and tie it to its base"),
    "prefer": ("preference", "go on training by judged answers"),
}


def main() -> int:
    """Parse the command line and do it; the exit code."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    module, about = COMMANDS.get(name, ("training", "Fine-tune a base model on a dataset: make a double."))
    work = importlib.import_module(f"patzta.training.{module}")
    parser = argparse.ArgumentParser(prog=f"train {name}" if name in COMMANDS else "train", description=about)
    if name not in COMMANDS:
        parser.epilog = "Other commands: " + "; ".join(
            f"train {other}: {what}" for other, (_, what) in COMMANDS.items()
        )
    suffix = f"_{name}" if name in ("pack", "unpack") else ""
    getattr(work, f"add_arguments{suffix}")(parser)
    arguments = parser.parse_args(sys.argv[2:] if name in COMMANDS else sys.argv[1:])
    return ended(lambda: getattr(work, f"run{suffix}")(arguments))


if __name__ == "__main__":
    sys.exit(main())
