"""How every command ends."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable

from patzta.errors import PatztaError


def usual_threads() -> int:
    """CPU threads where nothing is said: half of the cores, so that the machine stays usable."""
    return max(1, (os.cpu_count() or 2) // 2)


def quiet() -> None:
    """Keep the model libraries' remarks about themselves off the terminal; to be called before they are imported."""
    warnings.filterwarnings("ignore", category=FutureWarning)
    # It reports once a process that an optional kernel is not installed.
    logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)


def ended(work: Callable[[], int]) -> int:
    """Do the work; its exit code, or that of what stopped it, said in a sentence on stderr."""
    try:
        return work()
    except PatztaError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever reads has seen enough.
        sys.stderr.close()
        return 141
