"""Who imports what: the rules of docs/architecture.md."""

import ast
import subprocess
import sys

import pytest

from patzta.settings import ROOT


def test_the_bots_process_imports_no_torch() -> None:
    modules = "patzta.framework.command, extensions.model, extensions.database, cogs.communication, cogs.lifecycle"
    script = (
        f"import sys, {modules}; print([name for name in ('torch', 'transformers', 'peft') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def imported(file) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return {*names, *(node.module or "" for node in nodes if isinstance(node, ast.ImportFrom))}


def test_discord_stops_at_the_door() -> None:
    files = [file for file in (ROOT / "patzta").rglob("*.py") if "framework" not in file.parts]
    offenders = [file for file in files if any(name.split(".")[0] == "discord" for name in imported(file))]
    assert len(files) > 50
    # Imported by bots and their tests, never by the sandbox's own process.
    assert offenders == [ROOT / "patzta" / "sandbox" / "pointing.py"]


@pytest.mark.parametrize("folder", ["cogs", "extensions"])
def test_a_plugin_imports_no_other_plugin(folder) -> None:
    for file in (ROOT / folder).rglob("*.py"):
        own = ".".join(file.relative_to(ROOT).with_suffix("").parts[:2])
        others = {name for name in imported(file) if name.split(".")[0] in {"cogs", "extensions"}}
        assert all(name.startswith(own) for name in others), file


REMOVED = set(
    "aifc asynchat asyncore audioop cgi cgitb chunk crypt distutils imghdr imp lib2to3 mailcap msilib nis nntplib"
    " ossaudiodev pipes smtpd sndhdr spwd sunau telnetlib uu xdrlib".split()
)
"""Modules that Python 3.11 has and 3.13 has not: https://docs.python.org/3.13/whatsnew/3.13.html, 3.12's likewise."""


def test_nothing_is_imported_that_python_3_13_has_removed() -> None:
    folders = ("patzta", "cogs", "extensions", "bin", "alembic", "benchmarks", "docs", "tests")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    assert len(files) > 300
    assert {str(file): found for file in files if (found := {n.split(".")[0] for n in imported(file)} & REMOVED)} == {}
