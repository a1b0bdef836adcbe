"""Every code block of the docs is executed or checked, and every link in them leads somewhere."""

import ast
import importlib
import importlib.util
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest

from patzta.settings import ROOT, read_settings, read_shell_settings
from tests.markdown import PAGES, Block, anchors, blocks, without_blocks

BLOCKS = [block for page in PAGES for block in blocks(page)]
CHECKED = {"python", "ini", "json", "sh", "console"}
OTHERS = {
    "text": "what programs print, drawings, and forms of data with alternatives in them",
    "systemd": "tests/test_operations.py has systemd look at it",
}
"""Languages that are not checked here, and why not."""
TRAINING = ("bin/metacentrum_train", "bin/slurm_train")
BOTS = ("bin/metacentrum_patztabot", "bin/metacentrum_shellbot", "bin/slurm_patztabot", "bin/slurm_shellbot")


def of(*languages: str) -> list[Block]:
    return [block for block in BLOCKS if block.language in languages]


def test_every_block_has_a_language_that_is_checked_or_excused() -> None:
    assert len(BLOCKS) > 40
    assert {str(block) for block in BLOCKS if block.language not in CHECKED | set(OTHERS)} == set()
    assert CHECKED | set(OTHERS) == {block.language for block in BLOCKS}, "nothing is excused that there is not"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_are_fenced(page) -> None:
    """One that is merely indented would be checked by nobody."""
    assert re.findall(r"\n\n {4,}\S.*", without_blocks(page)) == []


# Python


def is_there(module: str, name: str) -> bool:
    """Whether a module has something of that name, or a module below it."""
    return hasattr(importlib.import_module(module), name) or bool(importlib.util.find_spec(f"{module}.{name}"))


@pytest.mark.parametrize("block", of("python"), ids=str)
def test_python_compiles_and_imports_what_there_is(block) -> None:
    tree = ast.parse(block.text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                assert importlib.util.find_spec(alias.name), alias.name
        elif isinstance(node, ast.ImportFrom):
            assert [alias.name for alias in node.names if not is_there(node.module or "", alias.name)] == []


# Settings and data


@pytest.mark.parametrize("block", of("ini"), ids=str)
def test_settings_are_read(block, tmp_path) -> None:
    file = tmp_path / "one.ini"
    file.write_text(block.text, encoding="utf-8")
    if "admins" in block.text:
        read_shell_settings(file)
    else:
        read_settings(file)


@pytest.mark.parametrize("block", of("json"), ids=str)
def test_json_parses(block) -> None:
    assert json.loads(block.text)


# Commands


def commands() -> Iterator[tuple[str, list[str]]]:
    """Where each call of a program in ``bin/`` stands, and its words: program first, without what is before it."""
    for block in of("sh", "console"):
        text = block.text.replace("\\\n", " ")
        for line in text.splitlines():
            # What comes after a comment's sign is no option, brackets stand around what need not be said.
            call = re.sub(r"(^|\s)#.*", "", line.removeprefix("$ ")).translate(str.maketrans("", "", "[]…"))
            if re.search(r"(^|\s)bin/\w", call):
                words = shlex.split(call)
                yield str(block), _batch(words) if words[0] in {"qsub", "sbatch"} else words


def _batch(words: list[str]) -> list[str]:
    """A batch script and what its program is told: after its name, or in a variable."""
    at = next(number for number, word in enumerate(words) if word.startswith("bin/"))
    told = [word.partition("TRAIN_ARGUMENTS=")[2] for word in words[:at] if "TRAIN_ARGUMENTS=" in word]
    return [words[at], *shlex.split(" ".join(told)), *words[at + 1 :]]


CALLS = list(commands())


def module(program: str) -> str:
    """What the program runs; that of a batch script."""
    program = "bin/train" if program in TRAINING else program
    found = re.search(r'^exec "\$python" (?:-P )?-m (\S+) "\$@"', (ROOT / program).read_text(encoding="utf-8"), re.M)
    assert found, program
    return found[1]


@cache
def told_by(*words: str) -> str | None:
    """What ``--help`` prints; None where the words are no command."""
    command = [sys.executable, "-m", *words, "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout if done.returncode == 0 else None


def options(words: list[str]) -> list[str]:
    """The options in a call, up to where another program's words begin."""
    own = words[: words.index("--")] if "--" in words else words
    return [word.partition("=")[0] for word in own if re.match(r"--[a-z]", word)]


def unknown(words: list[str]) -> set[str]:
    """The options of a call that its program does not have."""
    program = words[0]
    if program == "bin/test":
        return {option for option in options(words) if option not in (ROOT / program).read_text(encoding="utf-8")}
    if program in BOTS and len(words) == 1:
        return set()
    name = module(program)
    sub = words[1] if len(words) > 1 and re.fullmatch(r"[a-z]+", words[1]) else ""
    text = (sub and told_by(name, sub)) or told_by(name)
    assert text, program
    return {option for option in options(words) if not re.search(rf"{option}\b(?!-)", text)}


def test_all_ways_of_calling_are_seen() -> None:
    programs = {words[0] for _, words in CALLS}
    ours = {f"bin/{file.name}" for file in (ROOT / "bin").iterdir() if file.name[0] != "_"}
    assert programs == ours
    assert len(CALLS) > 50


@pytest.mark.parametrize(("where", "words"), CALLS, ids=[f"{where} {words[0]}" for where, words in CALLS])
def test_a_call_names_a_program_and_options_that_there_are(where, words) -> None:
    assert (ROOT / words[0]).stat().st_mode & 0o100, where
    assert unknown(words) == set(), where


def test_an_option_that_there_is_not_would_be_found() -> None:
    assert unknown(shlex.split("bin/dataset build x.jsonl --my Name")) == {"--my"}
    assert unknown(_batch(shlex.split("sbatch --gres=gpu:2 bin/slurm_train --basis x"))) == {"--basis"}
    assert unknown(_batch(shlex.split('qsub -v TRAIN_ARGUMENTS="--basis x" bin/metacentrum_train'))) == {"--basis"}
    assert unknown(shlex.split("bin/job run --wait -- tar --gzip")) == set()


# Links


def links(page) -> list[str]:
    """Where the page's links and pictures that are our own lead."""
    text = re.sub(r"`[^`\n]+`", "", without_blocks(page))
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), link
        assert not anchor or anchor in anchors(file), link


def test_every_page_can_be_reached_from_the_first() -> None:
    seen, ahead = set(), {PAGES[0]}
    while ahead:
        page = ahead.pop()
        seen.add(page)
        found = {(page.parent / link.partition("#")[0]).resolve() for link in links(page) if not link.startswith("#")}
        ahead |= {file for file in found if file in PAGES} - seen
    assert seen == set(PAGES)


def test_every_page_is_named_in_the_first() -> None:
    named = {(PAGES[0].parent / link).resolve() for link in links(PAGES[0])}
    assert set(PAGES[1:]) - named == set()


def test_every_picture_is_shown() -> None:
    shown = {(page.parent / link).resolve() for page in PAGES for link in links(page)}
    assert set((ROOT / "docs" / "img").iterdir()) - shown == set()
