"""``bin/patztabot --sandbox`` as a user starts it."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator

from patzta.settings import ROOT


@contextlib.contextmanager
def started(**environment: str) -> Generator[str]:
    """The address that it prints; it is ended as by Ctrl-C."""
    with subprocess.Popen(
        [sys.executable, "-m", "patzta.framework", "--sandbox", "--port", "0"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        said = ""
        for line in running.stderr:
            said += line
            if found := re.search(r"Open (http://\S+)", line):
                break
        assert found, said
        yield found[1]
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=30)
