"""``bin/dataset``: import, build, show, feedback."""

from __future__ import annotations

import argparse
import importlib
import sys

from patzta.commandline import ended

COMMANDS = {
    "import": "read exports of any format into one file of conversations",
    "build": "make a dataset of those conversations, to train a double on",
    "show": "look at a dataset: examples as chats, counts, plots",
    "feedback": "write the judgements that the bot stored, for preference tuning",
}
MODULES = {"import": "importing", "build": "building", "show": "show", "feedback": "feedback"}


def main() -> int:
    """Parse the command line and do it; the exit code."""
    arguments = parser().parse_args()
    return ended(lambda: arguments.work(arguments))


def parser() -> argparse.ArgumentParser:
    """All of the command line."""
    whole = argparse.ArgumentParser(prog="dataset", description="From chat exports to a dataset for training a double.")
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    for name, about in COMMANDS.items():
        one = commands.add_parser(name, help=about, description=about)
        if name in sys.argv[1:2]:
            # What a command does not need is not loaded for it.
            module = importlib.import_module(f"patzta.dataset.{MODULES[name]}")
            module.add_arguments(one)
            one.set_defaults(work=getattr(module, f"run_{name}"))
    return whole


if __name__ == "__main__":
    sys.exit(main())
