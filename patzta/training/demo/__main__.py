"""Make the demo double, or check it. Prints the model's folder.

Exit codes: 0 it is ready, 1 it is not, 2 wrong use, 130 or 143 it was interrupted.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from patzta.errors import PatztaError
from patzta.training.demo.prepare import check, model_folder, prepare

DATA = Path(__file__).parents[3] / "data"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser("python -m patzta.training.demo", description="Make the demo double.")
    parser.add_argument("--data", type=Path, default=DATA, help="folder for everything made (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default: %(default)s)")
    parser.add_argument("--check", action="store_true", help="only say whether it is there and undamaged")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        if arguments.check:
            check(arguments.data)
        else:
            prepare(arguments.data, threads=arguments.threads)
    except PatztaError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; the next call goes on from here\n")
        return 130
    sys.stdout.write(f"{model_folder(arguments.data)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
