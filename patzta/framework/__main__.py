"""``python -m patzta.framework``: the command; Ctrl-C ends it without a trace even while it is being imported."""

import sys


def run() -> int:
    """The exit code."""
    try:
        from patzta.framework.command import main

        return main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(run())
