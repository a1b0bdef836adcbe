"""``bin/dataset``: import, build, show, feedback."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from patzta.dataset import importing
from patzta.errors import PatztaError


def main() -> int:
    """Parse the command line and do it; the exit code."""
    arguments = parser().parse_args()
    work: Callable[[argparse.Namespace], int] = arguments.work
    try:
        return work(arguments)
    except PatztaError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever reads has seen enough.
        sys.stderr.close()
        return 141


def parser() -> argparse.ArgumentParser:
    """All of the command line."""
    whole = argparse.ArgumentParser(prog="dataset", description="From chat exports to a dataset for training a double.")
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    for name, module, about in ((
        "import", importing, "read exports of any format into one file of conversations"
    ),):  # fmt: skip
        one = commands.add_parser(name, help=about, description=about)
        module.add_arguments(one)
        one.set_defaults(work=module.run_import)
    return whole


if __name__ == "__main__":
    sys.exit(main())
