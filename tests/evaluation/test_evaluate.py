"""bin/evaluate as it is called: the report, the scenarios, what is missing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from patzta.settings import ROOT

SYSTEMS = ["double", "base", "prompted", "retrieval", "human"]


def evaluate(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "patzta.evaluation.command", *map(str, words)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, double: Path, dataset: Path) -> Path:
    out = tmp_path_factory.mktemp("reports") / "me"
    done = evaluate("--model", double, "--dataset", dataset, "--out", out, "--replies", 12, "--threads", 1)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith(str(out / "index.html"))
    return out


@pytest.mark.slow
def test_the_report_gives_every_system_with_intervals(report: Path) -> None:
    data = json.loads((report / "report.json").read_text())
    systems = data["systems"]
    assert list(systems) == SYSTEMS
    for metrics in systems.values():
        for name, found in metrics.items():
            assert found["low"] <= found["value"] <= found["high"], name
    for name in SYSTEMS[:3]:
        assert {"bits_per_character", "hits_at_1", "length_distance", "distinct_2", "chrf"} <= set(systems[name])
    assert "bits_per_character" not in systems["retrieval"]
    assert systems["double"]["bits_per_character"]["value"] < systems["base"]["bits_per_character"]["value"]
    assert data["replies"] == 4


def test_the_report_audits_what_is_given_away(report: Path) -> None:
    privacy = json.loads((report / "report.json").read_text())["privacy"]
    assert list(privacy["copies"]) == SYSTEMS
    assert privacy["canaries"]["planted"] == 2
    assert set(privacy["canaries"]) == {"planted", "told_by_double", "told_by_other"}
    assert privacy["placeholders"]["filled"] == 0


def test_the_page_needs_nothing_else_and_runs_nothing(report: Path) -> None:
    page = (report / "index.html").read_text("utf-8")
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert page.count("<svg") == 2  # four replies are too few for the classifiers
    assert "Side by side" in page
    assert (report / "likeness.png").read_bytes().startswith(b"\x89PNG")
    assert max(map(len, (report / "table.txt").read_text().splitlines())) <= 80
    assert report.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_what_is_missing_is_said_in_a_sentence(tmp_path: Path, double: Path, dataset: Path) -> None:
    for model, data, about in ((double, tmp_path / "no", "settings.json"), (tmp_path / "no", dataset, "persona.json")):
        done = evaluate("--model", model, "--dataset", data, "--out", tmp_path / "out")
        assert done.returncode == 1
        (line,) = [line for line in done.stderr.splitlines() if "held-out replies" not in line]
        assert about in line
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_scenarios_fail_for_a_double_that_speaks_another_language(tmp_path: Path, double: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps([{"name": "greeting", "says": ["ahoj, jak je? 1"]}]))
    passed = evaluate("--model", double, "--scenarios", path)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert passed.stdout.startswith("ok      greeting\n        > ahoj, jak je? 1\n")
    assert passed.stdout.endswith("1 of 1 passed\n")
    says = [f"ahoj, jak je? {number}" for number in range(6)]
    path.write_text(json.dumps([{"name": "greeting", "language": "ja", "says": says}]))
    failed = evaluate("--model", double, "--scenarios", path)
    assert failed.returncode == 1, failed.stdout
    assert " instead of ja" in failed.stdout
    assert evaluate("--scenarios", tmp_path / "none.json").returncode == 2
