"""``python -m patzta.framework.shellbot``: the command; Ctrl-C ends it without a trace even while it is imported."""

import sys


def run() -> int:
    """The exit code."""
    try:
        from patzta.framework.command import main
        from patzta.settings import SHELLBOT

        return main(SHELLBOT)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(run())
