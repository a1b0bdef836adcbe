"""docs/troubleshooting.md quotes what the programs really say."""

import ast
import re
from pathlib import Path

import pytest

from patzta.settings import ROOT

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"^\| `([^`]+)` \|", PAGE, re.M)
GAP = "…"


def texts(file: Path) -> list[str]:
    """The texts in a Python file, with a gap where a value is filled in, sooner or later."""
    return [_gapped(node) for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, ast.expr)]


def _gapped(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return re.sub(r"\{\w+\}|%[dsg]|%\.0f", GAP, text)
        case ast.JoinedStr(values=parts):
            return "".join(_gapped(part) if isinstance(part, ast.Constant) else GAP for part in parts)
        case _:
            return ""


def everything_said() -> str:
    python = [file for folder in ("patzta", "cogs", "extensions", "bin") for file in (ROOT / folder).rglob("*.py")]
    shell = [file.read_text(encoding="utf-8") for file in (ROOT / "bin").iterdir() if file.suffix != ".py"]
    return "\0".join([*(text for file in python for text in texts(file) if text), *shell])


SAID = everything_said()


def test_the_page_quotes_many() -> None:
    assert len(QUOTED) > 40
    assert len(set(QUOTED)) == len(QUOTED)


@pytest.mark.parametrize("text", QUOTED)
def test_what_is_quoted_is_said(text) -> None:
    # In Markdown a backslash would be shown; a gap at the end may be anything.
    assert text.removesuffix(GAP) in SAID, text


def test_what_is_not_said_would_be_found(tmp_path) -> None:
    file = tmp_path / "one.py"
    file.write_text('raise E(f"{path} takes about {x:.1f} GiB" " of memory.")\nlog.warning("%s is gone", x)\n')
    assert "… takes about … GiB of memory." in texts(file)
    assert "… is gone" in texts(file)
    assert "takes about … MiB" not in "".join(texts(file))
