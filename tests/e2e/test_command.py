"""``bin/patztabot`` as a script sees it: exit codes, what stands on stdout and what on stderr."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from patzta.settings import ROOT
from tests.conftest import DATA
from tests.sandbox.server import exchanges, violations

COMMAND = [sys.executable, "-m", "patzta.framework"]


def run(*arguments: str, data: Path = DATA, within: float = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env={**os.environ, "PATZTA_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_say_prints_the_answers_and_nothing_else(demo, tmp_path, monkeypatch) -> None:
    record = tmp_path / "exchanges.jsonl"
    monkeypatch.setenv("PATZTA_SANDBOX_RECORD", str(record))
    done = run("--sandbox", "--port", "0", "--say", "ahoj", "--say", "co dnes?")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) >= 2
    assert all(line.strip() for line in lines)
    assert "http://127.0.0.1:" in done.stderr
    assert "Traceback" not in done.stderr
    assert exchanges(record)
    assert violations(record) == []


@pytest.mark.timeout(400)
def test_a_corrupt_model_is_named_with_its_remedy(demo, tmp_path) -> None:
    model = tmp_path / "models" / "mine"
    model.mkdir(parents=True)
    for file in demo.iterdir():
        (model / file.name).write_bytes(file.read_bytes())
    weights = model / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    sandbox = tmp_path / "sandbox"
    sandbox.mkdir()
    (sandbox / "patztabot_config.ini").write_text(f"[model]\npath = {model}\n")
    done = run("--sandbox", "--port", "0", "--say", "ahoj", data=tmp_path)
    assert done.returncode == 1
    assert str(weights) in done.stderr
    assert "train it again" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_corrupt_demo_is_named_and_made_anew(demo, tmp_path) -> None:
    shutil.copytree(demo, tmp_path / "models" / "demo")
    weights = tmp_path / "models" / "demo" / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    done = run("--sandbox", "--port", "0", "--say", "ahoj", data=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"{weights}: changed or damaged since training; making the demo double anew" in done.stderr
    assert done.stdout.strip()
    assert str(tmp_path) not in done.stdout, "only answers"


def test_a_bad_config_is_one_line_and_exit_code_2(tmp_path) -> None:
    sandbox = tmp_path / "sandbox"
    sandbox.mkdir()
    (sandbox / "patztabot_config.ini").write_text("[permissions]\ndefault = boss\n")
    done = run("--sandbox", "--port", "0", data=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "patztabot_config.ini, line 2: default: 'boss' is no level" in line


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_silence_is_exit_code_1(demo, tmp_path) -> None:
    (tmp_path / "models").symlink_to(demo.parent)
    (tmp_path / "sandbox").mkdir()
    config = f"[permissions]\n[plugins]\ncogs = lifecycle\n[model]\npath = {demo}\n"
    (tmp_path / "sandbox" / "patztabot_config.ini").write_text(config)
    done = run("--sandbox", "--port", "0", "--say", "je tu někdo?", data=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "No answer within 30 s" in done.stderr


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_ctrl_c_during_the_first_training_leaves_nothing_half_written(tmp_path) -> None:
    environment = {**os.environ, "PATZTA_DATA": str(tmp_path)}
    command = [*COMMAND, "--sandbox", "--port", "0"]
    # A group of its own, signalled whole, is what a terminal does on Ctrl-C.
    running = subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    said = ""
    for line in running.stderr:
        said += line
        if "training" in line:
            break
    os.killpg(running.pid, signal.SIGINT)
    _, rest = running.communicate(timeout=60)
    assert running.returncode == 130, said + rest
    assert "Traceback" not in said + rest
    assert not (tmp_path / "models" / "demo").exists()


def test_say_without_the_sandbox_is_wrong_use() -> None:
    done = run("--say", "ahoj")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--say needs --sandbox" in done.stderr


@pytest.mark.timeout(400)
def test_a_port_in_use_is_said_and_ctrl_c_ends_cleanly(demo) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        running = subprocess.Popen(
            [*COMMAND, "--sandbox", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, "PATZTA_DATA": str(DATA)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        said = ""
        for line in running.stderr:
            said += line
            if "Open http://127.0.0.1:" in line:
                break
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=30)
    assert running.returncode == 130
    assert f"port {port} is in use" in said
    assert stdout == ""
    assert "Traceback" not in said + stderr
