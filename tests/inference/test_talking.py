"""bin/chat: a talk over pipes."""

import os
import subprocess
import sys
from pathlib import Path

from patzta.inference.engine import Engine
from patzta.inference.talking import talk
from patzta.settings import ROOT
from tests.evaluation.conftest import base, dataset, double
from tests.training.tiny import ME

__all__ = ["base", "dataset", "double"]


def test_every_line_is_answered_and_remembered_until_the_reset(double: Path) -> None:
    engine = Engine(double, 1)
    chat = talk(engine, "Bára", ["zapomeň", "/reset", "ahoj, jak je? 1", "pivo? 2"])
    own = [message.text for message in chat.messages if message.author == "Bára"]
    assert own == ["ahoj, jak je? 1", "pivo? 2"]
    assert {message.author for message in chat.messages} <= {"Bára", ME}
    assert len(chat.messages) > 2


def test_it_works_over_a_pipe_and_ends_with_its_input(double: Path) -> None:
    command = [sys.executable, "-P", "-m", "patzta.inference.talking", str(double), "--threads", "1"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    said = "ahoj, jak je? 1\n\n/quit\nnot read\n"
    done = subprocess.run(command, input=said, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "loading the model …\n"


def test_a_folder_that_is_no_double_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "patzta.inference.talking", str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 1
    assert "persona.json" in done.stderr.splitlines()[-1]
