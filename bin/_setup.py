"""Creates or completes .venv: ``_setup.py HASH EXTRA...``. Run by the commands, with the system's Python alone."""

from __future__ import annotations

import fcntl
import importlib.util
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "setup.log"
TORCH_CPU = "https://download.pytorch.org/whl/cpu"
GIBIBYTES = {"bot": 0.3, "data": 0.5, "evaluate": 0.3, "model": 2.5, "prefer": 0.7, "tensorboard": 0.2, "test": 0.6}
"""Disk that each extra takes, with room for the downloads."""

REMEDIES = (
    (r"No space left on device", "The disk is full: free some space"),
    (
        r"NewConnectionError|NameResolutionError|Temporary failure in name|Network is unreachable|ConnectTimeout"
        r"|Read timed out|ProxyError|Connection refused|SSLError",
        "The package index cannot be reached: check the network connection (and proxy)",
    ),
    (r"Permission denied", "The checkout is not writable: change its owner or copy it to a folder of your own"),
)


class SetupFailed(Exception):
    """Set-up cannot go on; the text says what to do."""


class Progress:
    """One line that changes on a terminal, a line every five seconds elsewhere."""

    def __init__(self) -> None:
        self._start = self._shown = time.monotonic()
        self._live = sys.stderr.isatty()

    def show(self, text: str, *, now: bool = False) -> None:
        elapsed = time.monotonic() - self._start
        line = f"set-up {elapsed:4.0f} s  {text}"
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write("\r\x1b[2K" + line[:width])
        elif now or time.monotonic() - self._shown >= 5:
            self._shown = time.monotonic()
            sys.stderr.write(line + "\n")
        sys.stderr.flush()

    def end(self) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[2K")


def main(stamp: str, *extras: str) -> None:
    progress = Progress()
    with one_at_a_time(progress):
        # The interpreter that the venv links to: the next start compares it with what the link means by then.
        missing = [extra for extra in extras if not is_installed(extra, stamp)]
        if missing:
            check_disk(missing)
            create_venv(progress)
            if "model" in missing:
                install_torch(progress)
            pip(progress, "install", "-c", ROOT / "constraints.txt", "-e", f"{ROOT}[{','.join(missing)}]")
            follow_checkout()
            for extra in missing:
                write_stamp(extra, stamp)
            progress.show("done", now=True)
    progress.end()


@contextmanager
def one_at_a_time(progress: Progress) -> Generator[None, None, None]:
    """Two commands started together must not both write to .venv."""
    with (ROOT / ".venv.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            progress.show("waiting for another set-up of this checkout", now=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def stamp_file(extra: str, stamp: str) -> Path:
    return VENV / "installed" / f"{extra}-{stamp}"


def is_installed(extra: str, stamp: str) -> bool:
    file = stamp_file(extra, stamp)
    return PYTHON.exists() and file.exists() and file.read_text().strip() == str(PYTHON.resolve())


def write_stamp(extra: str, stamp: str) -> None:
    file = stamp_file(extra, stamp)
    file.parent.mkdir(exist_ok=True)
    for old in file.parent.glob(f"{extra}-*"):
        old.unlink()
    file.write_text(str(PYTHON.resolve()) + "\n")


def check_disk(extras: list[str]) -> None:
    needed = sum(GIBIBYTES[extra] for extra in extras)
    free = shutil.disk_usage(ROOT).free / 2**30
    if free < needed:
        raise SetupFailed(f"The disk is full: {needed:.1f} GiB are needed in {ROOT}, {free:.1f} GiB are free.")


def create_venv(progress: Progress) -> None:
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupFailed(f"Python's venv module is missing: run 'sudo apt install python{version}-venv'.")
    whole = PYTHON.exists() and run([PYTHON, "-m", "pip", "--version"]).returncode == 0
    if not whole:
        progress.show("creating .venv", now=True)
        created = run([sys.executable, "-m", "venv", "--clear", VENV])
        if created.returncode:
            raise SetupFailed(advice(created.stdout) or f"Creating .venv failed:\n{created.stdout}")


def install_torch(progress: Progress) -> None:
    """Without an NVIDIA GPU the CPU build, where an index has one: the usual build brings gigabytes of CUDA."""
    if shutil.which("nvidia-smi") or Path("/proc/driver/nvidia").exists():
        return
    constraints = (ROOT / "constraints.txt").read_text()
    version = re.search(r"^torch==(\S+)$", constraints, re.M)
    for source in ([], ["--extra-index-url", TORCH_CPU]):
        wanted = f"torch=={version[1]}+cpu" if version else "torch"
        try:
            pip(progress, "install", "-c", ROOT / "constraints.txt", *source, wanted)
        except SetupFailed as failure:
            if str(failure).startswith("The disk"):
                raise
        else:
            return


def pip(progress: Progress, *arguments: str | Path) -> None:
    """Run pip in .venv, its output in a log, what it is at on the progress line."""
    command = [PYTHON, "-m", "pip", *arguments, "--progress-bar", "off", "--retries", "2", "--no-input"]
    said: list[str] = []
    with (
        LOG.open("a") as log,
        subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process,
    ):
        for line in process.stdout or ():
            log.write(line)
            said.append(line)
            if doing := re.match(r"\s*(Collecting|Downloading|Installing|Building|Preparing)\s+(\S+)", line):
                progress.show(f"{doing[1].lower()} {doing[2]}")
    if process.returncode:
        text = "".join(said)
        raise SetupFailed(advice(text) or f"pip failed; the whole log is {LOG}. Its end:\n{''.join(said[-5:])}")


def advice(output: str) -> str | None:
    for pattern, remedy in REMEDIES:
        if re.search(pattern, output):
            return f"{remedy}, then start the command again. (Details: {LOG})"
    return None


def follow_checkout() -> None:
    """A relative path entry: a checkout that is moved or renamed keeps working with its .venv."""
    (packages,) = VENV.glob("lib/python*/site-packages")
    (packages / "patzta-checkout.pth").write_text("../../../..\n")


def run(command: list[str | Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except SetupFailed as failure:
        sys.exit(f"\r{failure}")
    except OSError as failure:
        sys.exit(f"\r{advice(str(failure)) or failure}")
    except KeyboardInterrupt:
        sys.stderr.write("\nSet-up interrupted; the next start goes on with it.\n")
        sys.exit(130)
