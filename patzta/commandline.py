"""How every command ends."""

from __future__ import annotations

import sys
from collections.abc import Callable

from patzta.errors import PatztaError


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
