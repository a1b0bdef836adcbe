"""bin/sandbox: the server alone, whose one line on stdout says where it is."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request

import pytest

from patzta.settings import ROOT


@pytest.fixture
def command(tmp_path):
    """The command in a checkout whose .venv is ready: its interpreter is the one that runs the tests."""
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    needs = [shutil.copy(ROOT / name, tmp_path) for name in ("setup.cfg", "constraints.txt")]
    stamp = hashlib.sha256(b"".join((tmp_path / name).read_bytes() for name in needs)).hexdigest()[:16]
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (tmp_path / ".venv" / "installed").mkdir()
    # Of all extras that of the bot has to do.
    (tmp_path / ".venv" / "installed" / f"bot-{stamp}").write_text(f"{python}\n")
    return tmp_path / "bin" / "sandbox"


ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def test_it_helps(command):
    done = subprocess.run([command, "--help"], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("usage: bin/sandbox")
    for option in ("--bot", "--record", "--shards", "--without-intent", "--port"):
        assert option in done.stdout


def test_it_serves_and_ends(command):
    arguments = [command, "--port", "0", "--bot", "mine:token"]
    with subprocess.Popen(arguments, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        ready = json.loads(process.stdout.readline())
        with urllib.request.urlopen(f"{ready['url']}/api/v10/gateway") as answer:
            assert json.load(answer) == {"url": ready["gateway"]}
        assert ready["bots"]["mine"]["token"] == "token"
        process.send_signal(signal.SIGTERM)
    assert process.returncode == 0
