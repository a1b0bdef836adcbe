"""Set-up as a new user meets it: a copy of the checkout, the system's Python, and things that go wrong."""

import configparser
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from patzta.settings import ROOT

SYSTEM_PYTHON = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
BOT_ONLY = """#!/bin/sh
set -eu
root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
extras=bot
. "$root/bin/_setup.sh"
exec "$python" "$@"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy with blanks in its path and a command that needs no model."""
    copy = tmp_path / "a new checkout"
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, files.split("\0")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy / name)
    command = copy / "bin" / "bot-only"
    command.write_text(BOT_ONLY)
    command.chmod(0o755)
    return copy


@pytest.fixture
def path(tmp_path: Path) -> dict[str, str]:
    """An environment whose PATH begins with the interpreter that runs the tests, outside of its own .venv."""
    folder = tmp_path / "python"
    folder.mkdir()
    (folder / "python3").symlink_to(SYSTEM_PYTHON)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}


def run(command: Path, *arguments: str, **more) -> subprocess.CompletedProcess[str]:
    return subprocess.run([command, *arguments], capture_output=True, text=True, check=False, **more)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_fresh_checkout_sets_itself_up(checkout: Path, path: dict[str, str], tmp_path: Path) -> None:
    link = tmp_path / "link to the command"
    link.symlink_to(checkout / "bin" / "bot-only")
    look = "import discord, sys, cogs, patzta, importlib.util as u; print(cogs.__file__, u.find_spec('torch'))"
    first = run(link, "-c", look, env=path, cwd="/")
    assert first.returncode == 0, first.stderr
    assert first.stdout == f"{checkout}/cogs/__init__.py None\n", "from the checkout, and without torch"
    assert "set-up" in first.stderr, "progress is shown"
    assert not list(checkout.glob(".venv/lib/*/site-packages/cogs"))

    start = time.monotonic()
    again = run(link, "-c", "", env=path, cwd="/")
    assert (again.returncode, again.stderr) == (0, "")
    assert time.monotonic() - start < 5, "nothing is installed again"

    moved = checkout.rename(tmp_path / "moved")
    after = run(moved / "bin" / "bot-only", "-c", "import cogs; print(cogs.__file__)", env=path, cwd="/")
    assert (after.stdout, after.stderr) == (f"{moved}/cogs/__init__.py\n", "")

    with (moved / "constraints.txt").open("a") as constraints:
        constraints.write("# another pin\n")
    assert "set-up" in run(moved / "bin" / "bot-only", "-c", "", env=path).stderr, "stale by content"


@pytest.mark.slow
def test_without_a_network_the_remedy_is_named(checkout: Path, path: dict[str, str]) -> None:
    closed = "http://127.0.0.1:9/simple"
    offline = {key: value for key, value in path.items() if not key.startswith("PIP_")}
    offline |= {"PIP_INDEX_URL": closed, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}
    failed = run(checkout / "bin" / "bot-only", "-c", "", env=offline)
    assert failed.returncode == 1
    assert "The package index cannot be reached: check the network connection" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_without_python_the_remedy_is_named(checkout: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "dirname", "readlink", "cat", "cut", "sha256sum"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    failed = run(checkout / "bin" / "patztabot", env={"PATH": str(tools)})
    assert failed.returncode == 1
    assert failed.stderr == (
        "patzta needs Python 3.11 or newer: install it, for example with 'sudo apt install python3 python3-venv'.\n"
    )


@pytest.fixture
def setup_module():
    spec = importlib.util.spec_from_file_location("_setup", ROOT / "bin" / "_setup.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_full_disk_is_named_before_anything_is_written(setup_module, monkeypatch) -> None:
    usage = shutil.disk_usage(ROOT)._replace(free=2**20)
    monkeypatch.setattr(setup_module.shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(setup_module.SetupFailed, match=r"The disk is full: .* GiB are needed"):
        setup_module.check_disk(["bot"])


def test_a_missing_venv_module_is_named(setup_module, monkeypatch) -> None:
    monkeypatch.setattr(setup_module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(setup_module.SetupFailed, match=r"sudo apt install python3\.\d+-venv"):
        setup_module.create_venv(setup_module.Progress())


@pytest.mark.parametrize(
    ("output", "remedy"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        ("WARNING: Retrying ... NewConnectionError('...: Temporary failure in name resolution')", "cannot be reached"),
        ("ERROR: [Errno 13] Permission denied: '/checkout/.venv/lib'", "not writable"),
    ],
)
def test_what_pip_says_becomes_a_remedy(setup_module, output: str, remedy: str) -> None:
    assert remedy in setup_module.advice(output)


def test_it_is_known_how_much_disk_each_extra_takes(setup_module) -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    assert set(setup_module.GIBIBYTES) == set(config["options.extras_require"])
